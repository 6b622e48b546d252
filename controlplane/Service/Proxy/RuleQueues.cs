using System.Threading.RateLimiting;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The queues of all rules, each for all tenants together. Like the rate windows they outlive revisions that do not change them; one that nobody uses is forgotten.</summary>
public sealed class RuleQueues(ProxyMetrics metrics)
{
    // Beyond it, queues that nobody uses are looked for when a further one is made: as many stay as are in use.
    private const int Ordinary = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Gateway, string Condition, Queue Queue), RuleQueue> _queues = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _queues.Count;
            }
        }
    }

    /// <summary>One user of a queue; leave it by disposing.</summary>
    public QueueVisit Visit(string gateway, string condition, Queue settings)
    {
        lock (_lock)
        {
            var key = (gateway, condition, settings);
            if (!_queues.TryGetValue(key, out var queue))
            {
                Sweep();
                _queues.Add(key, queue = new RuleQueue(settings));
            }

            queue.Users++;
            return new QueueVisit(queue, metrics, Leave);
        }
    }

    private void Leave(RuleQueue queue)
    {
        lock (_lock)
        {
            queue.Users--;
        }
    }

    private void Sweep()
    {
        if (_queues.Count < Ordinary)
        {
            return;
        }

        foreach (var (key, queue) in _queues.Where(entry => entry.Value.Users == 0).ToList())
        {
            _queues.Remove(key);
            queue.Dispose();
        }
    }
}

/// <summary>The places of one rule, and how many wait. Changed settings make another queue; until the requests of the first are done, both are in use.</summary>
public sealed class RuleQueue(Queue settings) : IDisposable
{
    private int _waiting;

    public Queue Settings => settings;

    /// <summary>First come, first served.</summary>
    public ConcurrencyLimiter Places { get; } = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = settings.Concurrency,
        QueueLimit = settings.Depth,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Requests between their first and their last step; guarded by the lock of the queues.</summary>
    public int Users { get; set; }

    /// <summary>False when the queue is full.</summary>
    public bool TryWait()
    {
        if (Interlocked.Increment(ref _waiting) <= settings.Depth)
        {
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        return false;
    }

    public void WaitEnded() => Interlocked.Decrement(ref _waiting);

    public void Dispose() => Places.Dispose();
}

/// <summary>One request at a queue: it may wait, for its rate limit or for a place, and then holds a place until it is disposed of.</summary>
public sealed class QueueVisit(RuleQueue queue, ProxyMetrics metrics, Action<RuleQueue> leave) : IDisposable
{
    private RateLimitLease? _place;
    private bool _isWaiting;

    public TimeSpan Patience => TimeSpan.FromMilliseconds(queue.Settings.Timeout);

    public Queue Settings => queue.Settings;

    /// <summary>Takes one of the places to wait in, once; false when all are taken.</summary>
    public bool TryWait()
    {
        if (!_isWaiting && queue.TryWait())
        {
            _isWaiting = true;
            metrics.Queued(+1);
        }

        return _isWaiting;
    }

    /// <summary>Takes a place among those under way if one is free and nobody waits for it.</summary>
    public bool TryEnter() => Enter(queue.Places.AttemptAcquire());

    /// <summary>Waits for a place, after <see cref="TryWait"/>.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken) => Enter(await queue.Places.AcquireAsync(cancellationToken: cancellationToken));

    public void Dispose()
    {
        WaitEnded();
        _place?.Dispose();
        leave(queue);
    }

    private bool Enter(RateLimitLease place)
    {
        if (!place.IsAcquired)
        {
            place.Dispose();
            return false;
        }

        _place = place;
        WaitEnded();
        return true;
    }

    private void WaitEnded()
    {
        if (_isWaiting)
        {
            _isWaiting = false;
            queue.WaitEnded();
            metrics.Queued(-1);
        }
    }
}
