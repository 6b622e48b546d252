using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// One row of an object's table. <paramref name="Meaning"/> is what the guide and the schema say about it. <paramref name="IsNullable"/>: null is a value of its own here (Cloudflare's "off").
/// </summary>
internal sealed record Field(string Name, ValueCheck Check, string Meaning = "", bool IsRequired = false, bool IsNullable = false)
{
    public JsonObject Schema()
    {
        var schema = Check.Schema();
        if (IsNullable)
            schema = new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        if (Meaning.Length > 0)
            schema["description"] = Meaning.Replace("`", "", StringComparison.Ordinal);
        return schema;
    }
}

/// <summary>An object with the fields of a table and no others.</summary>
internal sealed class ObjectCheck(string what, params Field[] fields) : ValueCheck
{
    private readonly Dictionary<string, Field> _fields = fields.ToDictionary(row => row.Name);

    // Names that are refused whatever their value are no help to anyone looking for the right one.
    private readonly string _offered = string.Join(", ", fields.Where(row => row.Check is not RefusedCheck).Select(row => row.Name));

    public override string Expected => $"{what} (an object)";

    public IReadOnlyList<Field> Fields => fields;

    /// <summary>Where an object without any member says nothing: what to write instead.</summary>
    public string? WhenEmpty { get; init; }

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(value, at, errors);
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (_fields.TryGetValue(member.Name, out var field))
                CheckField(field, member.Value, at.Then(member.Name), errors);
            else
                errors.Add(RuleSetErrorCodes.UnknownField, at.Then(member.Name), Unknown(member.Name));
        }

        foreach (var field in fields.Where(field => field.IsRequired && !value.TryGetProperty(field.Name, out _)))
            errors.Add(RuleSetErrorCodes.Required, at, $"{Capitalised(what)} needs \"{field.Name}\": {field.Check.Expected}.");
        if (WhenEmpty is not null && value.GetPropertyCount() == 0)
            errors.Add(RuleSetErrorCodes.Required, at, WhenEmpty);
    }

    public override JsonObject Schema()
    {
        var schema = new JsonObject
        {
            ["title"] = Capitalised(what),
            ["type"] = "object",
            ["properties"] = new JsonObject(fields.Where(field => field.Check is not RefusedCheck).Select(field => KeyValuePair.Create(field.Name, (JsonNode?)field.Schema()))),
            ["additionalProperties"] = false,
        };
        if (fields.Where(field => field.IsRequired).Select(field => (JsonNode)field.Name).ToArray() is { Length: > 0 } required)
            schema["required"] = new JsonArray(required);
        if (WhenEmpty is not null)
            schema["minProperties"] = 1;
        return schema;
    }

    internal static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static void CheckField(Field field, JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Null || field.Check is RefusedCheck)
            field.Check.Check(value, at, errors);
        else if (!field.IsNullable)
            errors.Add(RuleSetErrorCodes.WrongType, at, $"Expected {field.Check.Expected}, found null. Leave \"{field.Name}\" out if nothing is meant.");
    }

    private string Unknown(string name) => Suggestion.For(name, _fields.Keys) is { } nearest
        ? $"There is no field {Quote.Text(name)} in {what}. Did you mean \"{nearest}\"?"
        : $"There is no field {Quote.Text(name)} in {what}; it has {_offered}. Remove it.";
}

/// <summary>A list whose items all satisfy one check.</summary>
internal sealed class ListCheck(string what, ValueCheck item, int min, int max, bool distinct = false) : ValueCheck
{
    public override string Expected => $"a list of {what}";

    /// <summary>What the reference says: the list with its bounds.</summary>
    public string Bounded => $"a list of {min} to {max} {what}";

    public ValueCheck Item => item;

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            WrongType(value, at, errors, value.ValueKind is JsonValueKind.String or JsonValueKind.Object ? " Put it in square brackets." : "");
            return;
        }

        var count = value.GetArrayLength();
        if (count < min || count > max)
        {
            var fix = count < min ? " Leave the field out if nothing is meant." : "";
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {min} to {max} {what}, found {count}.{fix}");
            return;
        }

        var index = 0;
        var seen = new HashSet<string>();
        foreach (var element in value.EnumerateArray())
        {
            item.Check(element, at.Then(index), errors);
            if (distinct && element.ValueKind == JsonValueKind.String && !seen.Add(element.GetString()!))
                errors.Add(RuleSetErrorCodes.DuplicateName, at.Then(index), $"{Quote.Text(element.GetString()!)} is listed twice. Remove one.");
            index++;
        }
    }

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.Schema(), ["minItems"] = min, ["maxItems"] = max };
        if (distinct)
            schema["uniqueItems"] = true;
        return schema;
    }
}

/// <summary>An object whose names satisfy one check and whose values another.</summary>
internal sealed class MapCheck(string what, TextCheck name, ValueCheck item, int min, int max) : ValueCheck
{
    public override string Expected => $"{what} (an object)";

    /// <summary>What the reference says: the object with its bounds.</summary>
    public string Bounded => $"{what} (an object of {min} to {max} entries)";

    public ValueCheck Item => item;

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(value, at, errors);
            return;
        }

        var count = value.GetPropertyCount();
        if (count < min || count > max)
        {
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {min} to {max} entries in {what}, found {count}.");
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            name.Check(member.Name, at.Then(member.Name), errors);
            item.Check(member.Value, at.Then(member.Name), errors);
        }
    }

    public override JsonObject Schema() => new()
    {
        ["title"] = ObjectCheck.Capitalised(what),
        ["type"] = "object",
        ["propertyNames"] = name.Schema(),
        ["additionalProperties"] = item.Schema(),
        ["minProperties"] = min,
        ["maxProperties"] = max,
    };
}

/// <summary>One of several kinds of object, told apart by the text of one member. Each kind's table has that member as well.</summary>
internal sealed class KindCheck(string what, string by, params (string Kind, ObjectCheck Check)[] kinds) : ValueCheck
{
    private readonly ChoiceCheck _kind = new([.. kinds.Select(kind => kind.Kind)]);

    public override string Expected => $"{what} (an object)";

    public IReadOnlyList<(string Kind, ObjectCheck Check)> Kinds => kinds;

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
            WrongType(value, at, errors);
        else if (!value.TryGetProperty(by, out var kind))
            errors.Add(RuleSetErrorCodes.Required, at, $"{ObjectCheck.Capitalised(what)} needs \"{by}\": {_kind.Expected}.");
        else if (kind.ValueKind == JsonValueKind.String && Array.Find(kinds, known => kind.ValueEquals(known.Kind)) is { Check: { } check })
            check.Check(value, at, errors);
        else
            _kind.Check(kind, at.Then(by), errors);
    }

    public override JsonObject Schema() => new()
    {
        ["title"] = ObjectCheck.Capitalised(what),
        ["type"] = "object",
        ["required"] = new JsonArray(by),
        ["oneOf"] = new JsonArray([.. kinds.Select(kind => (JsonNode)kind.Check.Schema())]),
    };
}

/// <summary>
/// One of two forms: <paramref name="first"/> where <paramref name="isFirst"/> says so, <paramref name="second"/> otherwise. No value of one form satisfies the other.
/// </summary>
internal sealed class EitherCheck(string expected, Func<JsonElement, bool> isFirst, ValueCheck first, ValueCheck second) : ValueCheck
{
    public override string Expected => expected;

    public ValueCheck First => first;

    public ValueCheck Second => second;

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.String)
            (isFirst(value) ? first : second).Check(value, at, errors);
        else
            WrongType(value, at, errors);
    }

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(first.Schema(), second.Schema()) };
}
