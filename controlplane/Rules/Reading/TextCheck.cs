using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// Text of bounded length without control characters (values of the document end up in headers and logs), and what else <paramref name="form"/> demands of it.
/// Characters are counted as JSON schema and PostgreSQL count them: code points.
/// </summary>
internal sealed class TextCheck(string expected, int maxLength, TextForm? form = null) : ValueCheck
{
    private const string WithoutControls = @"^[^\u0000-\u001f\u007f-\u009f\uffff]*$";

    public override string Expected => expected;

    public int MaxLength => maxLength;

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            var bare = value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
            WrongType(value, at, errors, bare ? " Write it in quotes." : "");
            return;
        }

        Check(value.GetString()!, at, errors);
    }

    /// <summary>The same for the name of a member.</summary>
    public void Check(string text, JsonPointer at, ErrorList errors)
    {
        var length = text.Length <= maxLength ? text.Length : text.EnumerateRunes().Count();
        if (length == 0 || length > maxLength)
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {Expected}: 1 to {maxLength} characters, found {length}.");
        else if (text.Any(c => char.IsControl(c) || c == '\uFFFF'))
            errors.Add(RuleSetErrorCodes.InvalidValue, at, $"Expected {Expected}; control characters are not allowed in it, found the text {Quote.Text(text)}.");
        else if (form is not null && !form.Accepts(text))
            Add(form.Explain?.Invoke(text) ?? new TextFault(RuleSetErrorCodes.InvalidValue, $"Expected {Expected}, found {Quote.Text(text)}."), at, errors);
    }

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = maxLength };
        foreach (var (keyword, value) in form?.Schema() ?? new JsonObject { ["pattern"] = WithoutControls })
            schema[keyword] = value?.DeepClone();
        return schema;
    }

    private static void Add(TextFault fault, JsonPointer at, ErrorList errors) => errors.Add(fault.Code, at, fault.Message);
}

/// <summary>
/// Which texts belong in a place: the known names and those of a pattern, without those that are refused. Patterns are regular expressions of JavaScript and .NET alike, over the whole
/// text, and let no control character through.
/// </summary>
internal sealed class TextForm
{
    private readonly Regex? _pattern;
    private readonly Regex? _refused;
    private readonly IReadOnlyCollection<string> _names;

    public TextForm(string? pattern = null, string? refused = null, IReadOnlyCollection<string>? names = null)
    {
        (_pattern, _refused, _names) = (Whole(pattern), Whole(refused), names ?? []);
        (Pattern, Refused) = (pattern, refused);
    }

    /// <summary>Why a text that is not accepted is not, in better words than "expected, found".</summary>
    public Func<string, TextFault?>? Explain { get; init; }

    private string? Pattern { get; }

    private string? Refused { get; }

    public bool Accepts(string text) => (_names.Contains(text) || _pattern?.IsMatch(text) == true) && _refused?.IsMatch(text) != true;

    public JsonObject Schema()
    {
        var schema = _names.Count == 0 ? Matching(Pattern!) : Names();
        if (Refused is not null)
            schema["not"] = Matching(Refused);
        return schema;
    }

    private JsonObject Names()
    {
        var names = new JsonObject { ["enum"] = new JsonArray([.. _names.Select(name => (JsonNode)name)]) };
        return Pattern is null ? names : new JsonObject { ["anyOf"] = new JsonArray(names, Matching(Pattern)) };
    }

    private static JsonObject Matching(string pattern) => new() { ["pattern"] = $"^(?:{pattern})$" };

    // `$` of .NET also stands before a final line break; the end of the text is what is meant.
    private static Regex? Whole(string? pattern) => pattern is null ? null : new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking);
}

/// <summary>Why a text is not what belongs in its place.</summary>
internal sealed record TextFault(string Code, string Message);
