using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>
/// What was spent against the rules of one gateway (contract 2.1), a bucket for each value of a partition. `fixed` counts in windows aligned to the epoch,
/// `sliding` the last window. Safe for concurrent use, bounded.
/// </summary>
public sealed class SpendLedger
{
    /// <summary>Ours: the buckets that were written longest ago go first.</summary>
    private const int MostBuckets = 10_000;

    /// <summary>A sliding window is kept in this many slices: its sum is exact to a 240th of the window.</summary>
    private const int Slices = 240;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Rule, double Window, RateLimitTechnique Technique, string Value), Bucket> _buckets = [];

    /// <summary>USD.</summary>
    public decimal Spent(SpendRule rule, string value, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_buckets.TryGetValue(KeyOf(rule, value), out var bucket))
                return 0;
            bucket.Forget(SliceOf(rule, now) - Kept(rule));
            return bucket.Sum;
        }
    }

    public void Add(SpendRule rule, string value, decimal cost, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_buckets.TryGetValue(KeyOf(rule, value), out var bucket))
            {
                if (_buckets.Count >= MostBuckets)
                    MakeRoom();
                _buckets[KeyOf(rule, value)] = bucket = new Bucket();
            }
            var slice = SliceOf(rule, now);
            bucket.Forget(slice - Kept(rule));
            bucket.Add(slice, cost, now);
        }
    }

    private static (string Rule, double Window, RateLimitTechnique Technique, string Value) KeyOf(SpendRule rule, string value) => (rule.Id, rule.Window, rule.Technique, value);

    // A fixed window is one slice, of which the running one counts; a sliding one is 240 of them.
    private static long Kept(SpendRule rule) => rule.Technique == RateLimitTechnique.Fixed ? 1 : Slices;

    private static long SliceOf(SpendRule rule, DateTimeOffset now) => (long)Math.Floor(now.ToUnixTimeMilliseconds() / (rule.Window * 1000 / Kept(rule)));

    private void MakeRoom()
    {
        foreach (var key in _buckets.OrderBy(bucket => bucket.Value.Written).Take(MostBuckets / 4).Select(bucket => bucket.Key).ToArray())
            _buckets.Remove(key);
    }

    private sealed class Bucket
    {
        private readonly Queue<(long Slice, decimal Cost)> _slices = new();
        private (long Slice, decimal Cost) _newest;

        public decimal Sum { get; private set; }

        public DateTimeOffset Written { get; private set; }

        public void Add(long slice, decimal cost, DateTimeOffset now)
        {
            (Sum, Written) = (Sum + cost, now);
            if (slice == _newest.Slice)
            {
                _newest.Cost += cost;
                return;
            }
            if (_newest.Cost > 0)
                _slices.Enqueue(_newest);
            _newest = (slice, cost);
        }

        /// <summary>Takes away what was spent in this slice and before.</summary>
        public void Forget(long slice)
        {
            while (_slices.TryPeek(out var oldest) && oldest.Slice <= slice)
                Sum -= _slices.Dequeue().Cost;
            if (_newest.Slice <= slice)
            {
                Sum -= _newest.Cost;
                _newest = default;
            }
        }
    }
}
