namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// What caching saved. <paramref name="AvoidedUsd"/>: what the answers from the cache would have cost by the price table; <paramref name="WithoutCacheUsd"/>: that and what was paid;
/// <paramref name="Ratio"/>: the first of the second, null where both are nothing. <paramref name="Unpriced"/>: answers from the cache without a known price or tokens, which count as nothing.
/// </summary>
public sealed record SavingAnswer(long Hits, decimal AvoidedUsd, decimal WithoutCacheUsd, decimal? Ratio, long Unpriced);

/// <summary>The arithmetic of the saving by caching. Source: checklist S1-07.</summary>
public static class Savings
{
    public static (IReadOnlyList<UsageGroup> Groups, UsageGroup Total, SavingAnswer Saving) Of(UsageTotals usage, PriceTable prices)
    {
        var priced = usage.Hits.Select(hits => (Hits: hits, Cost: prices.Find(hits.Provider, hits.Model)?.CostOf(hits.Tokens))).ToList();
        var byGroup = priced.ToLookup(hit => hit.Hits.Group, hit => hit.Cost ?? 0);
        var avoided = priced.Sum(hit => hit.Cost ?? 0);
        var without = usage.Total.CostUsd + avoided;
        return (
            [.. usage.Groups.Select(group => group with { SavedUsd = byGroup[group.Group!].Sum() })],
            usage.Total with { SavedUsd = avoided },
            new SavingAnswer(
                usage.Total.CacheHits, avoided, without, without > 0 ? Math.Round(avoided / without, 4) : null,
                priced.Sum(hit => hit.Cost is null ? hit.Hits.Hits : hit.Hits.Hits - hit.Hits.WithTokens)));
    }
}
