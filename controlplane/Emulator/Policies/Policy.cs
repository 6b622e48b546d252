using System.Text.Json;
using GatewayOps.Emulator.Cel;

namespace GatewayOps.Emulator.Policies;

/// <summary>One policy of a gateway (contract 7). Immutable.</summary>
/// <param name="Fields">Name, actor, resource, condition and action as they were sent.</param>
public sealed record Policy(string Id, JsonElement Fields, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public string Name { get; } = Fields.GetProperty("name").GetString()!;

    public ActorTemplate Actor { get; } = ActorTemplate.Parse(Fields.GetProperty("actor").GetString()!).Actor!;

    public PolicyResource Resource { get; } = PolicyResource.Read(Fields.GetProperty("resource"));

    public CelExpression Condition { get; } = CelExpression.ParseCondition(Fields.GetProperty("condition").GetString()!, PolicySubject.Roots).Expression!;

    public PolicyAction Action { get; } = PolicyAction.Read(Fields.GetProperty("action"));
}
