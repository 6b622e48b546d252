using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>
/// What stands between a call and its provider (contract 2.1, 7, 13, 14). Asked after the cache, whose hits no guard sees. Who may call comes first, then
/// whether it is paid for, then what the call says: policies, spend limits, Unified Billing, guardrails, DLP; of the answer guardrails, DLP. The contract
/// gives no order between them.
/// </summary>
public sealed class GatewayGuards(PolicyGuard policies, SpendGuard spending, WholesaleGuard wholesale, GuardrailGuard guardrails, DlpGuard dlp)
{
    /// <summary>Whether the call may go to its provider.</summary>
    public GuardVerdict BeforeProvider(GuardedCall call) => Verdict(
        call, policies.Check(call) ?? spending.Check(call) ?? wholesale.Check(call) ?? guardrails.CheckPrompt(call) ?? dlp.CheckRequest(call));

    /// <summary>Whether an answer, streamed or not, is held whole and shown to <see cref="AfterProvider"/> before any of it goes out.</summary>
    public static bool BuffersAnswer(GuardedCall call) => GuardrailGuard.EnforcesResponse(call) || DlpGuard.ChecksResponse(call);

    /// <summary>Whether the answer may go to the client. `body` is what the provider sent, an event stream as it is.</summary>
    public GuardVerdict AfterProvider(GuardedCall call, ReadOnlyMemory<byte> body) => Verdict(
        call,
        (GuardrailGuard.EnforcesResponse(call) ? guardrails.CheckResponse(call, body.Span) : null) ?? dlp.CheckResponse(call, body.Span));

    /// <summary>Before the row of an attempt is written: looks at an answer that went out unseen, and tells the log what was found in the call.</summary>
    /// <param name="body">What was answered; empty for a refusal.</param>
    public LogRow Settle(GuardedCall call, LogRow row, ReadOnlyMemory<byte> body)
    {
        if (row is { Success: true, Cached: false } && GuardrailGuard.ChecksResponse(call) && !GuardrailGuard.EnforcesResponse(call))
            guardrails.CheckResponse(call, body.Span);
        if (row.Cost > 0)
        {
            policies.Settle(call, row.Cost);
            spending.Settle(call, row.Cost);
            WholesaleGuard.Settle(call, row.Cost);
        }
        var found = call.Findings;
        return found.Guardrails is null && found.DlpAction is null
            ? row
            : row with { Guardrails = found.Guardrails, DlpAction = found.DlpAction, DlpProfiles = found.DlpProfiles };
    }

    private static GuardVerdict Verdict(GuardedCall call, GatewayError? refusal)
    {
        if (call.Findings.DlpHeader is { } header)
            return new GuardVerdict(refusal, [new("cf-aig-dlp", header)]);
        return refusal is null ? GuardVerdict.Pass : new GuardVerdict(refusal, []);
    }
}
