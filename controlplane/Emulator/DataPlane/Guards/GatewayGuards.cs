using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>
/// What stands between a call and its provider: policies, spend limits, Unified Billing, guardrails and DLP (contract 2.1, 7, 13, 14). Asked after the
/// cache, whose hits no guard sees.
/// </summary>
public sealed class GatewayGuards
{
    /// <summary>The request as it goes to the provider: not streamed where the answer may not be (response guardrails).</summary>
    public UpstreamRequest Prepare(GuardedCall call, UpstreamRequest request) => request;

    /// <summary>Whether the call may go to its provider.</summary>
    public GuardVerdict BeforeProvider(GuardedCall call) => GuardVerdict.Pass;

    /// <summary>Whether an answer, streamed or not, is held whole and shown to <see cref="AfterProvider"/> before any of it goes out.</summary>
    public bool BuffersAnswer(GuardedCall call) => false;

    /// <summary>Whether the answer may go to the client. `body` is what the provider sent, an event stream as it is.</summary>
    public GuardVerdict AfterProvider(GuardedCall call, ReadOnlyMemory<byte> body) => GuardVerdict.Pass;

    /// <summary>Takes note of what an attempt cost. `row` is complete, and may be one that the gateway does not keep.</summary>
    public void Settle(GuardedCall call, LogRow row)
    {
    }
}
