using System.Globalization;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Spend limits (contract 2.1, 13). The cost of a call counts when it is over, so a burst overshoots; calls that cannot be priced are let through.</summary>
public sealed class SpendGuard(GuardMemory memory, EmulatorOptions options, EmulatorClock clock)
{
    public GatewayError? Check(GuardedCall call)
    {
        if (call.Settings.SpendRules.Count == 0 || !IsCounted(call))
            return null;
        call.Rules = [.. call.Settings.SpendRules.Select(rule => (Rule: rule, Value: PartitionOf(rule, call))).Where(rule => rule.Value is not null).Select(rule => (rule.Rule, rule.Value!))];
        var (spent, now) = (memory.Of(call.Gateway).Spent, clock.GetUtcNow());
        foreach (var (rule, value) in call.Rules)
            if (spent.Spent(rule, value, now) >= rule.Limit * options.Assumptions.SpendLimitUnit)
                return Exceeded(rule, call.Call.Target);
        return null;
    }

    public void Settle(GuardedCall call, decimal cost)
    {
        foreach (var (rule, value) in call.Rules)
            memory.Of(call.Gateway).Spent.Add(rule, value, cost, clock.GetUtcNow());
    }

    private bool IsCounted(GuardedCall call)
    {
        var target = call.Call.Target;
        var postpaid = target.Provider.Slug == GatewayProvider.WorkersAi && !call.Settings.WorkersAiUnified;
        return (!postpaid || options.Assumptions.SpendLimitsCoverPostpaidWorkersAi) && (call.Call.Directives.CustomCost is not null || (!target.Provider.IsCustom && Cost.IsKnown(target.Model)));
    }

    /// <summary>The values of the partition keys; null when the rule is not for this call.</summary>
    private string? PartitionOf(SpendRule rule, GuardedCall call)
    {
        var target = call.Call.Target;
        if (rule.Providers is { } providers && !providers.Contains(target.Provider.Slug))
            return null;
        // A rule may name the model with its provider, as the catalogue does.
        if (rule.Models is { } models && !models.Contains(target.Model) && !models.Contains($"{target.Provider.Slug}/{target.Model}"))
            return null;
        if (rule.Filters.Any(filter => !call.Metadata.TryGetValue(filter.Key, out var value) || !filter.Value.Contains(value)))
            return null;
        if (options.Assumptions.SpendPartitionNeedsValue && rule.Partitions.Any(key => !call.Metadata.ContainsKey(key)))
            return null;
        return string.Concat(rule.Partitions.Select(key => call.Metadata.TryGetValue(key, out var value) ? $"{value.Length}:{value}" : "-"));
    }

    private static GatewayError Exceeded(SpendRule rule, CallTarget target) => new(429, 2041, string.Create(CultureInfo.InvariantCulture,
        $"Spend limit exceeded: rule '{rule.Id}' (cost limit {rule.Limit} per {rule.Window}s, {(rule.Technique == RateLimitTechnique.Fixed ? "fixed" : "sliding")}) for {target.Provider.Slug} {target.Model}"));
}
