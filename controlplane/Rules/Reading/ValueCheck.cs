using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// What one value of the document may be. Checks add errors and decide nothing else. Each describes itself as JSON schema too: the published schema is these tables in other words,
/// and what one of them refuses the other refuses.
/// </summary>
internal abstract class ValueCheck
{
    /// <summary>What belongs here, as it reads after "expected": `true or false`.</summary>
    public abstract string Expected { get; }

    public abstract void Check(JsonElement value, JsonPointer at, ErrorList errors);

    /// <summary>The same as JSON schema (draft 2020-12); a new node each time.</summary>
    public abstract JsonObject Schema();

    protected void WrongType(JsonElement value, JsonPointer at, ErrorList errors, string fix = "") =>
        errors.Add(RuleSetErrorCodes.WrongType, at, $"Expected {Expected}, found {Found(value)}.{fix}");

    protected static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the text {Quote.Text(value.GetString()!)}",
        JsonValueKind.Null => "null",
        _ => Quote.Bare(value.GetRawText()),
    };
}

/// <summary>`true` or `false`.</summary>
internal sealed class BooleanCheck : ValueCheck
{
    public override string Expected => "true or false";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return;
        var quoted = value.ValueKind == JsonValueKind.String && value.GetString() is "true" or "false";
        WrongType(value, at, errors, quoted ? " Write it without quotes." : "");
    }

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>A whole number within bounds; `1`, `1.0` and `1e0` are one number.</summary>
internal sealed class IntegerCheck(long min, long max, string unit = "") : ValueCheck
{
    public override string Expected => $"a whole number{(unit.Length == 0 ? "" : $" of {unit}")} from {min} to {max}";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            var quoted = value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), out _);
            WrongType(value, at, errors, quoted ? " Write it without quotes." : "");
            return;
        }

        var number = ExactNumber.Parse(value.GetRawText());
        if (!number.IsWhole)
            WrongType(value, at, errors);
        else if (!number.TryGetInt64(out var whole) || whole < min || whole > max)
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {Expected}, found {Found(value)}.");
    }

    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };
}

/// <summary>A number within bounds, fractions included; above 0 where <paramref name="aboveZero"/> says so.</summary>
internal sealed class NumberCheck(long min, long max, string unit = "", bool aboveZero = false) : ValueCheck
{
    public override string Expected => $"a number{(unit.Length == 0 ? "" : $" of {unit}")} {(aboveZero ? "greater than 0 and at most" : $"from {min} to")} {max}";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            WrongType(value, at, errors);
            return;
        }

        var number = ExactNumber.Parse(value.GetRawText());
        if (number.CompareTo(min) < 0 || number.CompareTo(max) > 0 || (aboveZero && number.CompareTo(0) == 0))
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {Expected}, found {Found(value)}.");
    }

    public override JsonObject Schema() => aboveZero
        ? new() { ["type"] = "number", ["exclusiveMinimum"] = 0, ["maximum"] = max }
        : new() { ["type"] = "number", ["minimum"] = min, ["maximum"] = max };
}

/// <summary>One of a few texts.</summary>
internal sealed class ChoiceCheck(params string[] choices) : ValueCheck
{
    public override string Expected => $"{(choices.Length == 1 ? "" : "one of ")}{string.Join(", ", choices.Select(choice => $"\"{choice}\""))}";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.String)
            WrongType(value, at, errors);
        else if (value.GetString()! is var text && !choices.Contains(text))
            errors.Add(RuleSetErrorCodes.InvalidValue, at, $"Expected {Expected}, found {Found(value)}.{Suggestion.Sentence(text, choices)}");
    }

    public override JsonObject Schema() => choices is [var only] ? new() { ["const"] = only } : new() { ["enum"] = new JsonArray([.. choices.Select(choice => (JsonNode)choice)]) };
}

/// <summary>A name that people write here and that is refused, with the reason and what to write instead.</summary>
internal sealed class RefusedCheck(string reason) : ValueCheck
{
    public override string Expected => "nothing";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors) => errors.Add(RuleSetErrorCodes.NotSupported, at, reason);

    // A name that the schema does not list is refused by it, and no editor offers it.
    public override JsonObject Schema() => new() { ["not"] = new JsonObject() };
}
