using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Cel;
using GatewayOps.Emulator.Policies;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Policies;

/// <summary>The bodies of the policy API (contract 7).</summary>
public static class PolicyShape
{
    private static readonly Shape NameOrNames = Either(value => value.ValueKind == JsonValueKind.Array, ArrayOf(Text(1, 256), minimum: 1, maximum: 100), Text(1, 256));

    private static readonly Shape Resource = Either(
        value => value.ValueKind == JsonValueKind.String,
        OneOf("*"),
        ObjectOf(new Member("model", NameOrNames), new Member("provider", NameOrNames)).And((value, path, errors) =>
        {
            if (!value.TryGetProperty("model", out _) && !value.TryGetProperty("provider", out _))
                errors.Add(ApiError.Invalid(path, "A resource is \"*\" or names a model, a provider or both"));
        }));

    private static readonly Shape Limit = ObjectOf(
        new Member("amount", Positive, Required: true),
        new Member("period", OneOf(BudgetPeriods.Names), Required: true),
        new Member("technique", OneOf("named-interval")));

    private static readonly Shape Action = ObjectOf(new Member("type", OneOf("no-limit", "block", "limit"), Required: true), new Member("except", Flag)).And((value, path, errors) =>
    {
        if (value.GetProperty("type").ValueEquals("limit"))
            Limit.Check(value, path, errors);
    });

    private static readonly Shape Actor = Text(1, 256).And((value, path, errors) => Report(ActorTemplate.Parse(value.GetString()!).Error, "actor", path, errors));

    private static readonly Shape Condition = Text(1, CelExpression.MostLength).And((value, path, errors) =>
        Report(CelExpression.ParseCondition(value.GetString()!, PolicySubject.Roots).Error, "condition", path, errors));

    private static readonly Member[] Members =
    [
        new("name", Text(1, 256), Required: true),
        new("actor", Actor, Required: true),
        new("resource", Resource, Required: true),
        new("condition", Condition, Required: true),
        new("action", Action, Required: true),
    ];

    /// <summary>A whole policy: what a create sends, and what an update makes of the one that there is.</summary>
    public static Shape Whole { get; } = ObjectOf(Members);

    /// <summary>What an update sends: any of the members.</summary>
    public static Shape Part { get; } = ObjectOf([.. Members.Select(member => member with { Required = false })]);

    public static Shape Simulation { get; } = ObjectOf(
        new Member("identity", ObjectOf(new Member("cf", ObjectOf()), new Member("metadata", ObjectOf()))),
        new Member("model", Text(1, 256), Required: true),
        new Member("provider", Text(0, 256)),
        new Member("bucketUsage", MapOf(Either(
            value => value.ValueKind == JsonValueKind.Object, ObjectOf(new Member("spent", NumberBetween(0, 1e12), Required: true)), NumberBetween(0, 1e12)))));

    /// <summary>The members of `sent` over those of `current`, in the API's order, without what a policy does not have. A condition that nobody names is `true`.</summary>
    public static JsonElement Merged(JsonElement? current, JsonElement sent)
    {
        var whole = new JsonObject();
        foreach (var member in Members)
        {
            if (sent.TryGetProperty(member.Name, out var value) || (current is { } before && before.TryGetProperty(member.Name, out value)))
                whole[member.Name] = JsonNode.Parse(value.GetRawText());
        }
        if (!whole.ContainsKey("condition"))
            whole["condition"] = "true";
        if (whole["action"] is JsonObject action && action["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && type.GetValue<string>() == "limit")
            action["technique"] ??= "named-interval";
        return JsonSerializer.SerializeToElement(whole);
    }

    private static void Report(CelError? error, string what, FieldPath path, List<ApiError> errors)
    {
        if (error is not null)
            errors.Add(ApiError.Invalid(path, $"Invalid {what}: CEL syntax error at position {error.Position}: {error.Message}"));
    }
}
