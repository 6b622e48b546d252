using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>One row of an object's table. <paramref name="IsNullable"/>: null is a value of its own here (Cloudflare's "off").</summary>
internal sealed record Field(string Name, ValueCheck Check, bool IsRequired = false, bool IsNullable = false);

/// <summary>An object with the fields of a table and no others.</summary>
internal sealed class ObjectCheck(string what, params Field[] fields) : ValueCheck
{
    private readonly Dictionary<string, Field> _fields = fields.ToDictionary(row => row.Name);

    // Names that are refused whatever their value are no help to anyone looking for the right one.
    private readonly string _offered = string.Join(", ", fields.Where(row => row.Check is not RefusedCheck).Select(row => row.Name));

    public override string Expected => $"{what} (an object)";

    public IReadOnlyCollection<Field> Fields => fields;

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
    }

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

    private static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];
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
}

/// <summary>An object whose names are free and whose values all satisfy one check.</summary>
internal sealed class MapCheck(string what, ValueCheck item, int max) : ValueCheck
{
    public override string Expected => $"{what} (an object)";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(value, at, errors);
            return;
        }

        if (value.GetPropertyCount() > max)
        {
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected at most {max} entries, found {value.GetPropertyCount()}.");
            return;
        }

        foreach (var member in value.EnumerateObject())
            item.Check(member.Value, at.Then(member.Name), errors);
    }
}
