using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>A policy that does not fit here, with the reason, which is one line. <paramref name="Gateway"/> null: every gateway.</summary>
public sealed record Acceptance(string Policy, string? Gateway, string Reason)
{
    private const int ShortestReason = 10;

    internal static IReadOnlyList<Acceptance> Read(ConfigObject keys, IReadOnlyList<GatewaySpec> gateways)
    {
        var accepted = new List<Acceptance>();
        foreach (var item in keys.Objects("accept"))
        {
            var policy = item.RequiredText("policy", $"one of {string.Join(", ", StackPolicies.Names)}");
            if (policy is not null && !StackPolicies.Names.Contains(policy))
                item.Fault("policy", $"must be one of {string.Join(", ", StackPolicies.Names)}");
            var gateway = item.Text("gateway");
            if (gateway is not null && gateways.All(other => other.Id != gateway))
                item.Fault("gateway", $"must be one of this stack's gateways: {string.Join(", ", gateways.Select(other => other.Id))}");
            var reason = item.RequiredText("reason", "why it does not fit here");
            if (reason is not null && reason.Trim().Length < ShortestReason)
                item.Fault("reason", $"must say why, in {ShortestReason} characters or more");
            item.Finish();
            if (policy is not null && reason is not null)
                accepted.Add(new Acceptance(policy, gateway, ConfigFaults.OneLine(string.Join(' ', reason.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))));
        }

        return accepted;
    }

    public bool Covers(string policy, string? gateway) => Policy == policy && (Gateway is null || Gateway == gateway);
}
