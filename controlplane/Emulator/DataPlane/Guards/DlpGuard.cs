using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Data loss prevention (contract 2.1, 12.2, 13): the profiles of the gateway's policies over requests and answers.</summary>
public sealed class DlpGuard(ContentScanner scanner, EmulatorOptions options)
{
    public GatewayError? CheckRequest(GuardedCall call) =>
        Check(call, inRequest: true, call.Call.Target.Body.Bytes.Span)
            ? new GatewayError(options.Assumptions.DlpBlockStatus, 2029, "Request content blocked due to DLP policy violations")
            : null;

    public static bool ChecksResponse(GuardedCall call) => call.Settings.DlpPolicies.Any(policy => policy.ChecksResponse);

    public GatewayError? CheckResponse(GuardedCall call, ReadOnlySpan<byte> body) =>
        Check(call, inRequest: false, body)
            ? new GatewayError(options.Assumptions.DlpBlockStatus, 2030, "Response content blocked due to DLP policy violations")
            : null;

    /// <returns>Whether a policy that blocks found something.</returns>
    private bool Check(GuardedCall call, bool inRequest, ReadOnlySpan<byte> body)
    {
        DlpPolicy[] policies = [.. call.Settings.DlpPolicies.Where(policy => inRequest ? policy.ChecksRequest : policy.ChecksResponse)];
        if (policies.Length == 0)
            return false;
        var text = ContentText.Of(body);
        var found = new List<DlpFinding>();
        foreach (var profile in policies.SelectMany(policy => policy.Profiles).Distinct())
        {
            if (scanner.Entries(text, profile) is not { Count: > 0 } entries)
                continue;
            DlpPolicy[] looking = [.. policies.Where(policy => policy.Profiles.Contains(profile))];
            var action = looking.Any(policy => policy.Action == GuardAction.Block) ? GuardAction.Block : GuardAction.Flag;
            found.Add(new DlpFinding(profile, entries, [.. looking.Select(policy => policy.Id).OfType<string>()], action, inRequest));
        }
        call.Findings.AddDlp(found);
        return found.Any(finding => finding.Action == GuardAction.Block);
    }
}
