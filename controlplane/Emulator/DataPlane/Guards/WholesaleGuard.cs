using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Unified Billing (contract 8, 13): providers that it offers, credits that are there, and 200 calls in 60 s for a gateway. What a call cost is taken when it is over.</summary>
public sealed class WholesaleGuard(GuardMemory memory, EmulatorOptions options, EmulatorClock clock)
{
    private static readonly GatewayError TooMany = new(429, Code: null, $"Unified Billing is limited to {CallWindow.Limit} requests per {CallWindow.Length.TotalSeconds} seconds for a gateway");

    public GatewayError? Check(GuardedCall call)
    {
        if (!call.Credential.Wholesale)
            return null;
        var slug = call.Call.Target.Provider.Slug;
        if (slug != GatewayProvider.WorkersAi && !options.Assumptions.UnifiedBillingProviders.Contains(slug))
            return new GatewayError(options.Assumptions.NotOnUnifiedBillingStatus, 2047, "Invalid User Credentials");
        if (call.Call.Caller.Account.Billing.Usd <= 0)
            return call.Call.Arrival.Surface == CallSurface.Rest
                ? new GatewayError(options.Assumptions.RestBalanceStatus, options.Assumptions.RestBalanceCode, "Insufficient credits")
                : new GatewayError(402, 2021, "Insufficient credits");
        return memory.Of(call.Gateway).Wholesale.TryTake(clock.GetUtcNow()) ? null : TooMany;
    }

    public static void Settle(GuardedCall call, decimal cost)
    {
        if (call.Credential.Wholesale)
            call.Call.Caller.Account.Billing.Charge(cost);
    }
}
