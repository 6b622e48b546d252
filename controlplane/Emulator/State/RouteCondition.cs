using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>
/// A condition of a dynamic route, in MongoDB's terms (contract section 5.1). `field` gives the value of a dotted name such as `metadata.plan`,
/// null where the request has none.
/// </summary>
public abstract record RouteCondition
{
    public abstract bool Holds(Func<string, JsonElement?> field);
}

/// <summary>`$and`, and the members of an object. Holds when there are none.</summary>
public sealed record AllConditions(IReadOnlyList<RouteCondition> Conditions) : RouteCondition
{
    public override bool Holds(Func<string, JsonElement?> field) => Conditions.All(condition => condition.Holds(field));
}

/// <summary>`$or`.</summary>
public sealed record AnyCondition(IReadOnlyList<RouteCondition> Conditions) : RouteCondition
{
    public override bool Holds(Func<string, JsonElement?> field) => Conditions.Any(condition => condition.Holds(field));
}

/// <summary>`$not`.</summary>
public sealed record NotCondition(RouteCondition Condition) : RouteCondition
{
    public override bool Holds(Func<string, JsonElement?> field) => !Condition.Holds(field);
}

/// <summary>
/// One operator on one field. Values of different types are never equal and never ordered; a list holds what any of its items holds;
/// a missing field equals null.
/// </summary>
public sealed record FieldCondition(string Field, string Operator, JsonElement Operand) : RouteCondition
{
    public override bool Holds(Func<string, JsonElement?> field)
    {
        var value = field(Field);
        return Operator switch
        {
            "$eq" => Equal(value, Operand),
            "$ne" => !Equal(value, Operand),
            "$in" => Operand.EnumerateArray().Any(one => Equal(value, one)),
            "$nin" => !Operand.EnumerateArray().Any(one => Equal(value, one)),
            "$gt" => Order(value, order => order > 0),
            "$gte" => Order(value, order => order >= 0),
            "$lt" => Order(value, order => order < 0),
            "$lte" => Order(value, order => order <= 0),
            "$exists" => value.HasValue == (Operand.ValueKind == JsonValueKind.True),
            // An operator that was let through although nobody knows it.
            _ => false,
        };
    }

    private static bool Equal(JsonElement? value, JsonElement operand) => value is { } given
        ? JsonElement.DeepEquals(given, operand) || (given.ValueKind == JsonValueKind.Array && given.EnumerateArray().Any(item => JsonElement.DeepEquals(item, operand)))
        : operand.ValueKind == JsonValueKind.Null;

    private bool Order(JsonElement? value, Func<int, bool> holds) => value switch
    {
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Any(item => Compare(item, Operand) is { } order && holds(order)),
        { } given => Compare(given, Operand) is { } order && holds(order),
        null => false,
    };

    private static int? Compare(JsonElement left, JsonElement right) => (left.ValueKind, right.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => left.GetDouble().CompareTo(right.GetDouble()),
        (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.GetString(), right.GetString()),
        _ => null,
    };
}
