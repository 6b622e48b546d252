using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Routes;

/// <summary>
/// Reads the condition object of a dynamic route (contract section 5.1): members are fields with a value or with operators, or `$and`, `$or`, `$not`.
/// `unknownOperators` lets operators through that are not listed. Nesting is bounded by the JSON reader's depth.
/// </summary>
public sealed class RouteConditionReader(bool unknownOperators)
{
    private static readonly string[] Orders = ["$gt", "$gte", "$lt", "$lte"];

    /// <summary>The condition, and one error for everything that is wrong with it.</summary>
    public RouteCondition Read(JsonElement conditions, FieldPath path, List<ApiError> errors)
    {
        Shapes.ObjectOf().Check(conditions, path, errors);
        return conditions.ValueKind == JsonValueKind.Object
            ? All(conditions.EnumerateObject().Select(member => Member(member, path[member.Name], errors)))
            : All([]);
    }

    private RouteCondition Member(JsonProperty member, FieldPath path, List<ApiError> errors)
    {
        switch (member.Name)
        {
            case "$and":
                return new AllConditions(List(member.Value, path, errors));
            case "$or":
                return new AnyCondition(List(member.Value, path, errors));
            case "$not":
                return new NotCondition(Read(member.Value, path, errors));
            case ['$', ..]:
                return Unknown(member, field: "", path, errors);
            case "":
                errors.Add(ApiError.Invalid(path, "A field needs a name"));
                break;
        }
        return IsOperators(member.Value) ? Operators(member.Name, member.Value, path, errors) : new FieldCondition(member.Name, "$eq", member.Value);
    }

    private RouteCondition Operators(string field, JsonElement operators, FieldPath path, List<ApiError> errors) =>
        All(operators.EnumerateObject().Select(member => Operator(field, member, path[member.Name], errors)));

    private RouteCondition Operator(string field, JsonProperty member, FieldPath path, List<ApiError> errors)
    {
        var operand = member.Value;
        switch (member.Name)
        {
            case "$eq" or "$ne":
                break;
            case "$in" or "$nin":
                Shapes.ArrayOf(Shapes.Anything).Check(operand, path, errors);
                break;
            case "$exists":
                Shapes.Flag.Check(operand, path, errors);
                break;
            case "$not" when IsOperators(operand):
                return new NotCondition(Operators(field, operand, path, errors));
            case "$not":
                errors.Add(ApiError.Invalid(path, "Expected an object of operators"));
                break;
            case var name when Orders.Contains(name):
                Shapes.Kind("number or string", value => value.ValueKind is JsonValueKind.Number or JsonValueKind.String).Check(operand, path, errors);
                break;
            default:
                return Unknown(member, field, path, errors);
        }
        return new FieldCondition(field, member.Name, operand);
    }

    private IReadOnlyList<RouteCondition> List(JsonElement list, FieldPath path, List<ApiError> errors)
    {
        var conditions = new List<RouteCondition>();
        Shapes.ArrayOf(Shapes.Anything, minimum: 1).Check(list, path, errors);
        if (list.ValueKind == JsonValueKind.Array)
            conditions.AddRange(list.EnumerateArray().Select((item, index) => Read(item, path[index], errors)));
        return conditions;
    }

    private FieldCondition Unknown(JsonProperty member, string field, FieldPath path, List<ApiError> errors)
    {
        if (!unknownOperators)
            errors.Add(ApiError.Invalid(path, $"Unknown operator '{member.Name}'"));
        return new FieldCondition(field, member.Name, member.Value);
    }

    // One operator among an object's members makes them all operators; without any it is a value to compare with.
    private static bool IsOperators(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(member => member.Name.StartsWith('$'));

    private static RouteCondition All(IEnumerable<RouteCondition> conditions) => conditions.ToArray() switch
    {
        [var only] => only,
        var several => new AllConditions(several),
    };
}
