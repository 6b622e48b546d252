using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>What one value of the document may be. Checks add errors and decide nothing else.</summary>
internal abstract class ValueCheck
{
    /// <summary>What belongs here, as it reads after "expected": `true or false`.</summary>
    public abstract string Expected { get; }

    public abstract void Check(JsonElement value, JsonPointer at, ErrorList errors);

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
}

/// <summary>A number greater than zero that a double can hold.</summary>
internal sealed class PositiveNumberCheck(string unit) : ValueCheck
{
    public override string Expected => $"a number of {unit} greater than 0";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Number)
            WrongType(value, at, errors);
        else if (!value.TryGetDouble(out var number) || number <= 0 || !double.IsFinite(number))
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {Expected}, found {Found(value)}.");
    }
}

/// <summary>One of a few texts.</summary>
internal sealed class ChoiceCheck(params string[] choices) : ValueCheck
{
    public override string Expected => $"one of {string.Join(", ", choices.Select(choice => $"\"{choice}\""))}";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.String)
            WrongType(value, at, errors);
        else if (value.GetString()! is var text && !choices.Contains(text))
            errors.Add(RuleSetErrorCodes.InvalidValue, at, $"Expected {Expected}, found {Found(value)}.{Suggestion.Sentence(text, choices)}");
    }
}

/// <summary>A name of the document that this version refuses, with the reason and what to write instead.</summary>
internal sealed class RefusedCheck(string reason) : ValueCheck
{
    public override string Expected => "nothing";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors) => errors.Add(RuleSetErrorCodes.NotSupported, at, reason);
}
