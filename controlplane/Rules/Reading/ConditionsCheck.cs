using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// The condition of a dynamic route's `conditional`: fields with a value or with operators, and `$and`, `$or`, `$not` over further conditions.
/// Source: Cloudflare contract, section 5.1 (MongoDB's terms).
/// </summary>
internal sealed class ConditionsCheck : ValueCheck
{
    public const string Definition = "conditions";

    private const int MostMembers = 32;
    private const int MostValues = 100;
    private const string Combined = "$and, $or, $not";

    private static readonly string[] Combining = ["$and", "$or", "$not"];
    private static readonly string[] Operators = ["$eq", "$ne", "$in", "$nin", "$gt", "$gte", "$lt", "$lte", "$exists", "$not"];

    private static readonly TextCheck Field = new("a field such as \"metadata.plan\"", 256, new TextForm(@"[^$\u0000-\u001f\u007f-\u009f\uffff][^\u0000-\u001f\u007f-\u009f\uffff]*"));
    private static readonly TextCheck Text = new("a text", 2048);
    private static readonly NumberCheck Number = new(-1_000_000_000_000_000, 1_000_000_000_000_000);
    private static readonly BooleanCheck Flag = new();

    public override string Expected => "a condition such as {\"metadata.plan\": {\"$eq\": \"free\"}} (an object)";

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(value, at, errors);
            return;
        }

        if (!Counts(value, at, errors))
            return;
        foreach (var member in value.EnumerateObject())
        {
            var place = at.Then(member.Name);
            switch (member.Name)
            {
                case "$and" or "$or":
                    CheckList(member.Value, place, errors);
                    break;
                case "$not":
                    Check(member.Value, place, errors);
                    break;
                case ['$', ..]:
                    errors.Add(RuleSetErrorCodes.InvalidValue, place, $"There is no combination {Quote.Text(member.Name)}; known: {Combined}. An operator such as $eq stands inside of a field.{Suggestion.Sentence(member.Name, Combining)}");
                    break;
                default:
                    Field.Check(member.Name, place, errors);
                    if (member.Value.ValueKind == JsonValueKind.Object)
                        CheckOperators(member.Value, place, errors);
                    else
                        CheckOperand(member.Value, place, errors);
                    break;
            }
        }
    }

    public override JsonObject Schema() => Reference(Definition);

    /// <summary>What the references of <see cref="Schema"/> point to, for the schema's `$defs`.</summary>
    public static JsonObject Definitions() => new()
    {
        [Definition] = new JsonObject
        {
            ["title"] = "A condition",
            ["type"] = "object",
            ["minProperties"] = 1,
            ["maxProperties"] = MostMembers,
            ["properties"] = new JsonObject { ["$and"] = List(Reference(Definition), 1, MostMembers), ["$or"] = List(Reference(Definition), 1, MostMembers), ["$not"] = Reference(Definition) },
            ["propertyNames"] = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["enum"] = Names(Combining) }, Field.Schema()) },
            ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(Reference("operand"), Reference("operators")) },
        },
        ["operators"] = new JsonObject
        {
            ["title"] = "Operators on a field",
            ["type"] = "object",
            ["minProperties"] = 1,
            ["maxProperties"] = MostMembers,
            ["properties"] = new JsonObject
            {
                ["$eq"] = Reference("operand"),
                ["$ne"] = Reference("operand"),
                ["$in"] = List(Reference("scalar"), 1, MostValues),
                ["$nin"] = List(Reference("scalar"), 1, MostValues),
                ["$gt"] = Ordered(),
                ["$gte"] = Ordered(),
                ["$lt"] = Ordered(),
                ["$lte"] = Ordered(),
                ["$exists"] = Flag.Schema(),
                ["$not"] = Reference("operators"),
            },
            ["additionalProperties"] = false,
        },
        ["operand"] = new JsonObject { ["anyOf"] = new JsonArray(Reference("scalar"), List(Reference("scalar"), 1, MostValues)) },
        ["scalar"] = new JsonObject { ["anyOf"] = new JsonArray(Text.Schema(), Number.Schema(), Flag.Schema(), new JsonObject { ["type"] = "null" }) },
    };

    private static void CheckOperators(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (!Counts(value, at, errors))
            return;
        foreach (var member in value.EnumerateObject())
        {
            var place = at.Then(member.Name);
            switch (member.Name)
            {
                case "$eq" or "$ne":
                    CheckOperand(member.Value, place, errors);
                    break;
                case "$in" or "$nin":
                    CheckValues(member.Value, place, errors);
                    break;
                case "$gt" or "$gte" or "$lt" or "$lte":
                    CheckOrdered(member.Value, place, errors);
                    break;
                case "$exists":
                    Flag.Check(member.Value, place, errors);
                    break;
                case "$not" when member.Value.ValueKind == JsonValueKind.Object:
                    CheckOperators(member.Value, place, errors);
                    break;
                case "$not":
                    errors.Add(RuleSetErrorCodes.WrongType, place, $"Expected operators such as {{\"$eq\": \"free\"}}, found {Found(member.Value)}.");
                    break;
                default:
                    errors.Add(RuleSetErrorCodes.InvalidValue, place, $"There is no operator {Quote.Text(member.Name)}; known: {string.Join(", ", Operators)}.{Suggestion.Sentence("$" + member.Name.TrimStart('$'), Operators)}");
                    break;
            }
        }
    }

    private static void CheckOrdered(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            CheckScalar(value, at, errors);
        else
            errors.Add(RuleSetErrorCodes.WrongType, at, $"Expected a number or a text, found {Found(value)}.");
    }

    private static void CheckOperand(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind == JsonValueKind.Array)
            CheckValues(value, at, errors);
        else
            CheckScalar(value, at, errors);
    }

    private static void CheckValues(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            errors.Add(RuleSetErrorCodes.WrongType, at, $"Expected a list of values, found {Found(value)}. Put it in square brackets.");
            return;
        }

        if (value.GetArrayLength() is var count and (0 or > MostValues))
        {
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected 1 to {MostValues} values, found {count}.");
            return;
        }

        foreach (var (index, item) in value.EnumerateArray().Index())
            CheckScalar(item, at.Then(index), errors);
    }

    private static void CheckScalar(JsonElement value, JsonPointer at, ErrorList errors)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Text.Check(value, at, errors);
                break;
            case JsonValueKind.Number:
                Number.Check(value, at, errors);
                break;
            case JsonValueKind.Object or JsonValueKind.Array:
                errors.Add(RuleSetErrorCodes.WrongType, at, $"Expected a text, a number, true, false or null, found {Found(value)}.");
                break;
        }
    }

    private void CheckList(JsonElement value, JsonPointer at, ErrorList errors) => new ListCheck("conditions", this, 1, MostMembers).Check(value, at, errors);

    private static bool Counts(JsonElement value, JsonPointer at, ErrorList errors)
    {
        var count = value.GetPropertyCount();
        if (count is > 0 and <= MostMembers)
            return true;
        errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected 1 to {MostMembers} members in a condition, found {count}.");
        return false;
    }

    private static JsonObject Ordered() => new() { ["anyOf"] = new JsonArray(Text.Schema(), Number.Schema()) };

    private static JsonObject List(JsonObject items, int min, int max) => new() { ["type"] = "array", ["items"] = items, ["minItems"] = min, ["maxItems"] = max };

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    private static JsonArray Names(string[] names) => new([.. names.Select(name => (JsonNode)name)]);
}
