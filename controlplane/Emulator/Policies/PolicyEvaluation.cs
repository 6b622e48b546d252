using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Emulator.Policies;

public enum PolicyDecision
{
    /// <summary>Nothing is counted.</summary>
    NoLimit,
    Block,
    /// <summary>Every limit of every bucket must have something left.</summary>
    CheckLimits,
}

/// <summary>The highest amount of one bucket for one period.</summary>
/// <param name="Policy">The name of the policy that sets it.</param>
/// <param name="Policies">Names of all that share the bucket and the period.</param>
public sealed record BudgetLimit(BudgetPeriod Period, decimal Amount, string Policy, IReadOnlyList<string> Policies);

/// <summary>One budget that a request draws on. Without limits its spending is not looked at.</summary>
public sealed record BudgetBucket(string Id, string Actor, string Resource, IReadOnlyList<BudgetLimit> Limits);

/// <summary>What the policies of a gateway say about a request, spending aside (contract 7). Pure.</summary>
/// <param name="BlockedBy">The name of the policy that blocks; null where no policy matched, which blocks too.</param>
public sealed record PolicyEvaluation(PolicyDecision Decision, IReadOnlyList<BudgetBucket> Buckets, string? BlockedBy)
{
    private static readonly PolicyEvaluation Free = new(PolicyDecision.NoLimit, [], BlockedBy: null);

    /// <summary>
    /// A block wins, and where its condition cannot be told it blocks; other policies are not for a request that they cannot be told for. The rest meet in
    /// buckets of one actor and one resource. No policies allow everything; some, of which none matches, allow nothing.
    /// </summary>
    public static PolicyEvaluation Of(IReadOnlyList<Policy> policies, PolicySubject subject)
    {
        if (policies.Count == 0)
            return Free;
        var matching = new List<(string Actor, Policy Policy)>();
        foreach (var policy in policies)
        {
            var block = policy.Action as BlockAction;
            if (policy.Resource.Covers(subject) == (block?.Except ?? false))
                continue;
            var holds = policy.Condition.Holds(subject.Scope);
            if (block is not null && holds != false)
                return new PolicyEvaluation(PolicyDecision.Block, [], policy.Name);
            if (block is null && holds == true && policy.Actor.Resolve(subject) is { } actor)
                matching.Add((actor, policy));
        }
        if (matching.Count == 0)
            return new PolicyEvaluation(PolicyDecision.Block, [], BlockedBy: null);
        BudgetBucket[] buckets = [.. matching.GroupBy(match => (match.Actor, match.Policy.Resource.Key), match => match.Policy).Select(group => Bucket(group.Key.Actor, [.. group]))];
        return new PolicyEvaluation(buckets.All(bucket => bucket.Limits.Count == 0) ? PolicyDecision.NoLimit : PolicyDecision.CheckLimits, buckets, BlockedBy: null);
    }

    private static BudgetBucket Bucket(string actor, IReadOnlyList<Policy> policies)
    {
        var resource = policies[0].Resource.Key;
        var limits = policies.Any(policy => policy.Action is AllowAction)
            ? []
            : policies.GroupBy(policy => ((LimitAction)policy.Action).Period).OrderBy(group => group.Key).Select(group => Limit(group.Key, [.. group])).ToArray();
        return new BudgetBucket(IdOf(actor, resource), actor, resource, limits);
    }

    private static BudgetLimit Limit(BudgetPeriod period, IReadOnlyList<Policy> policies)
    {
        var highest = policies.MaxBy(policy => ((LimitAction)policy.Action).Amount)!;
        return new BudgetLimit(period, ((LimitAction)highest.Action).Amount, highest.Name, [.. policies.Select(policy => policy.Name)]);
    }

    /// <summary>Says nothing of the actor, who may be an e-mail address, to whoever sees the answer.</summary>
    private static string IdOf(string actor, string resource) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{actor.Length}:{actor}{resource}")).AsSpan(0, 16));
}

/// <summary>Whether a request may go on, now that its budgets are known.</summary>
/// <param name="Limit">The one that is used up; null where the request is allowed, or blocked for another reason.</param>
public sealed record PolicyEnforcement(bool Allowed, BudgetBucket? Bucket, BudgetLimit? Limit, decimal Spent)
{
    /// <param name="spent">USD that a bucket has spent in the running period.</param>
    public static PolicyEnforcement Of(PolicyEvaluation evaluation, Func<BudgetBucket, BudgetLimit, decimal> spent)
    {
        foreach (var bucket in evaluation.Buckets)
            foreach (var limit in bucket.Limits)
                if (spent(bucket, limit) is var sum && sum >= limit.Amount)
                    return new PolicyEnforcement(Allowed: false, bucket, limit, sum);
        return new PolicyEnforcement(evaluation.Decision != PolicyDecision.Block, Bucket: null, Limit: null, Spent: 0);
    }
}
