using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Usage;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>What a request counts in its key's limits, by how it ended. Each held 100 tokens and one dollar.</summary>
public sealed class KeyVisitTests
{
    [Theory]
    [InlineData(Outcomes.Ok, 1, "miss", 30, false, 1, 30, 0.5)]
    [InlineData(Outcomes.Ok, 1, "miss", 300, false, 1, 300, 0.5)]
    [InlineData(Outcomes.Ok, 1, "hit", 30, false, 1, 0, 0)]
    // A provider that does not tell: what was counted on the way, or else the estimate.
    [InlineData(Outcomes.Ok, 1, "miss", 30, true, 1, 30, 0.5)]
    [InlineData(Outcomes.Ok, 1, "miss", null, false, 1, 100, 1)]
    [InlineData(Outcomes.Cancelled, 1, "miss", null, false, 1, 100, 1)]
    [InlineData(Outcomes.Cancelled, 1, "miss", 30, true, 1, 100, 1)]
    [InlineData(Outcomes.Cancelled, 1, "miss", 300, true, 1, 300, 1)]
    [InlineData(Outcomes.Truncated, 2, "miss", 30, true, 1, 100, 1)]
    [InlineData(Outcomes.Truncated, 1, "miss", 30, false, 1, 30, 0.5)]
    [InlineData(Outcomes.UpstreamError, 3, "bypass", null, false, 1, 0, 0)]
    // The provider ended its stream with an error: what had passed.
    [InlineData(Outcomes.UpstreamError, 1, "miss", 30, true, 1, 30, 0.5)]
    [InlineData(Outcomes.Timeout, 1, "bypass", null, false, 1, 0, 0)]
    [InlineData(Outcomes.RateLimited, 0, "bypass", null, false, 0, 0, 0)]
    [InlineData(Outcomes.Cancelled, 0, "bypass", null, false, 0, 0, 0)]
    public void Settle_CountsWhatTheRequestUsed(string outcome, int attempts, string cache, int? reported, bool isEstimate, int requests, int tokens, double usd)
    {
        var allowances = new KeyAllowances(Options.Create(new KeyOptions()), new TestClock());
        var key = new VirtualKey(Guid.NewGuid(), "a", "a") { RequestsPerMinute = 10, TokensPerMinute = 1000, Budget = new KeyBudget(10, KeyWindow.Day) };
        var visit = new KeyVisit(allowances, allowances.TryHold(key, 100, 1).Hold, new UsageAmounts(1, 100, 1));

        visit.Settle(Records.New(0) with
        {
            Outcome = outcome,
            Attempts = attempts,
            Cache = cache,
            Tokens = reported is { } sum ? new TokenUsage(10, sum - 10) { IsEstimate = isEstimate } : null,
            CostUsd = reported is null ? null : 0.5m,
        });

        Assert.Equal([10m - requests, 1000m - tokens, 10m - (decimal)usd], allowances.BalancesOf(key).Select(balance => balance.Remaining));
    }
}
