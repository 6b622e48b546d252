using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What executing one revision of a rule set would do, at every gateway that it targets or leaves.</summary>
public sealed record RuleSetPlan(string RuleSet, int Revision, IReadOnlyList<Plan> Gateways, IReadOnlyList<EnforcementAnswer> Enforcements)
{
    /// <summary>SHA-256, 64 lower hex digits, over what would be done and what may be deleted; `execute` names the one that its caller saw.</summary>
    public string Hash => TextHash.Of(
        string.Join('\n', Gateways.OrderBy(plan => plan.Gateway, StringComparer.Ordinal).Select(plan => plan.Hash)
            .Prepend($"{RuleSet}@{Revision}{(Prune ? " prune" : "")}{(AllowMassDelete ? " allow-mass-delete" : "")}")));

    /// <summary>Names this occasion of the plan; null while nobody was shown it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether what nothing declares any more would be deleted, and whether that may be most of it.</summary>
    public bool Prune { get; init; }
    public bool AllowMassDelete { get; init; }

    /// <summary>What each replica serves for these gateways now.</summary>
    public IReadOnlyList<ReplicaRevision> Replicas { get; init; } = [];
}
