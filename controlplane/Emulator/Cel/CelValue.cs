using System.Text.Json;

namespace GatewayOps.Emulator.Cel;

public enum CelKind
{
    Error,
    Null,
    Bool,
    Number,
    Text,
    List,
    Map,
}

/// <summary>A value of an expression. An error is a value too: `true || error` is true (CEL, "Logical Operators").</summary>
/// <param name="Content">bool, decimal, string, a list or a dictionary of values; of an error, its text.</param>
public readonly record struct CelValue(CelKind Kind, object? Content)
{
    public static readonly CelValue Null = new(CelKind.Null, Content: null);
    public static readonly CelValue True = new(CelKind.Bool, true);
    public static readonly CelValue False = new(CelKind.Bool, false);

    public static CelValue Of(bool value) => value ? True : False;

    public static CelValue Of(decimal value) => new(CelKind.Number, value);

    public static CelValue Of(string value) => new(CelKind.Text, value);

    public static CelValue Of(IReadOnlyList<CelValue> values) => new(CelKind.List, values);

    public static CelValue Of(IReadOnlyDictionary<string, CelValue> members) => new(CelKind.Map, members);

    public static CelValue Error(string message) => new(CelKind.Error, message);

    /// <summary>A number that does not fit 28 digits becomes an error where it is used, not here.</summary>
    public static CelValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? Of(number) : Error("number out of range"),
        JsonValueKind.String => Of(json.GetString()!),
        JsonValueKind.Array => Of(json.EnumerateArray().Select(Of).ToArray()),
        JsonValueKind.Object => Of(json.EnumerateObject().GroupBy(member => member.Name).ToDictionary(group => group.Key, group => Of(group.Last().Value))),
        _ => Null,
    };

    /// <summary>Equality of CEL: values of different kinds are unequal, lists and maps are compared member by member.</summary>
    public static bool Same(CelValue left, CelValue right)
    {
        if (left.Kind != right.Kind)
            return false;
        return (left.Content, right.Content) switch
        {
            (IReadOnlyList<CelValue> a, IReadOnlyList<CelValue> b) => a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
            (IReadOnlyDictionary<string, CelValue> a, IReadOnlyDictionary<string, CelValue> b) =>
                a.Count == b.Count && a.All(member => b.TryGetValue(member.Key, out var other) && Same(member.Value, other)),
            var (a, b) => Equals(a, b),
        };
    }
}
