using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Policies;

public enum PolicyChange
{
    Done,
    NotFound,
    /// <summary>It exists as a draft only; the contract lets such a one be committed, not changed.</summary>
    NotCommitted,
}

/// <summary>
/// The policies of one gateway: those that are committed, and drafts of changes to them or of new ones, which nothing enforces (contract 7). Safe for
/// concurrent use; every method is one atomic step.
/// </summary>
/// <param name="delay">From a commit until the policies are enforced; up to 15 minutes on the real service.</param>
public sealed class PolicyStore(TimeProvider clock, TimeSpan delay)
{
    /// <summary>Ours, to bound the memory; the contract names no limit.</summary>
    public const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Policy> _committed = [];
    private readonly Dictionary<string, Policy> _drafts = [];
    private readonly Queue<(DateTimeOffset From, IReadOnlyList<Policy> Policies)> _coming = [];
    private volatile IReadOnlyList<Policy> _enforced = [];

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<Policy> Committed
    {
        get
        {
            lock (_lock)
                return Ordered(_committed.Values);
        }
    }

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<Policy> Drafts
    {
        get
        {
            lock (_lock)
                return Ordered(_drafts.Values);
        }
    }

    /// <summary>What would be in force if all drafts were committed.</summary>
    public IReadOnlyList<Policy> WithDrafts
    {
        get
        {
            lock (_lock)
                return Ordered(_drafts.Values.Concat(_committed.Values.Where(policy => !_drafts.ContainsKey(policy.Id))));
        }
    }

    /// <summary>What the data plane goes by now.</summary>
    public IReadOnlyList<Policy> Enforced()
    {
        if (delay > TimeSpan.Zero)
        {
            var now = clock.GetUtcNow();
            lock (_lock)
            {
                while (_coming.TryPeek(out var next) && next.From <= now)
                    _enforced = _coming.Dequeue().Policies;
            }
        }
        return _enforced;
    }

    public Policy? Find(string id)
    {
        lock (_lock)
            return _committed.GetValueOrDefault(id);
    }

    public Policy? FindDraft(string id)
    {
        lock (_lock)
            return _drafts.GetValueOrDefault(id);
    }

    /// <summary>Null when there are too many.</summary>
    public Policy? Add(JsonElement fields, bool commit)
    {
        lock (_lock)
        {
            if (_committed.Count + _drafts.Count >= Most)
                return null;
            var now = clock.GetUtcNow();
            var policy = new Policy(Identifier.NewUuid(), fields, now, now);
            (commit ? _committed : _drafts)[policy.Id] = policy;
            if (commit)
                Announce();
            return policy;
        }
    }

    /// <summary>Puts back a policy of a snapshot, which is enforced at once. False when there is one with its id, draft or committed as this one.</summary>
    public bool Restore(Policy policy, bool draft)
    {
        lock (_lock)
        {
            if (!(draft ? _drafts : _committed).TryAdd(policy.Id, policy))
                return false;
            if (!draft)
                _enforced = Ordered(_committed.Values);
            return true;
        }
    }

    /// <param name="next">Sees the fields of the draft, or of the committed policy where there is none, and returns valid ones; null leaves everything as it is.</param>
    /// <returns>The policy as it is now; as it was, when `next` returned null.</returns>
    public (PolicyChange Outcome, Policy? Policy) Change(string id, Func<JsonElement, JsonElement?> next, bool commit)
    {
        lock (_lock)
        {
            if (!_committed.TryGetValue(id, out var committed))
                return (_drafts.ContainsKey(id) ? PolicyChange.NotCommitted : PolicyChange.NotFound, null);
            var current = _drafts.GetValueOrDefault(id) ?? committed;
            if (next(current.Fields) is not { } fields)
                return (PolicyChange.Done, current);
            var changed = new Policy(id, fields, committed.CreatedAt, clock.GetUtcNow());
            (commit ? _committed : _drafts)[id] = changed;
            if (commit)
            {
                _drafts.Remove(id);
                Announce();
            }
            return (PolicyChange.Done, changed);
        }
    }

    /// <summary>Takes the policy away, committed and draft.</summary>
    public Policy? Remove(string id)
    {
        lock (_lock)
        {
            _drafts.Remove(id, out var draft);
            if (!_committed.Remove(id, out var committed))
                return draft;
            Announce();
            return committed;
        }
    }

    /// <summary>Makes every draft a policy; returns them.</summary>
    public IReadOnlyList<Policy> Commit()
    {
        lock (_lock)
        {
            var drafts = Ordered(_drafts.Values);
            foreach (var draft in drafts)
                _committed[draft.Id] = draft;
            _drafts.Clear();
            if (drafts.Count > 0)
                Announce();
            return drafts;
        }
    }

    private void Announce()
    {
        var now = Ordered(_committed.Values);
        if (delay > TimeSpan.Zero)
            _coming.Enqueue((clock.GetUtcNow() + delay, now));
        else
            _enforced = now;
    }

    private static IReadOnlyList<Policy> Ordered(IEnumerable<Policy> policies) => [.. policies.OrderBy(policy => policy.CreatedAt).ThenBy(policy => policy.Id)];
}
