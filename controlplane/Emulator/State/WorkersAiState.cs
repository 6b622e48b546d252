using System.Collections.Concurrent;

namespace GatewayOps.Emulator.State;

/// <summary>What Workers AI keeps for an account: the neurons of the day, the requests of the minute, terms that were agreed to, queued batches.</summary>
public sealed class WorkersAiState(EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _requests = [];
    private readonly ConcurrentDictionary<string, bool> _agreed = new(StringComparer.Ordinal);
    private DateOnly _day;
    private double _neurons;
    private long _minute;

    public AiBatchStore Batches { get; } = new(clock);

    /// <summary>Neurons used since 00:00 UTC.</summary>
    public double NeuronsToday
    {
        get
        {
            lock (_lock)
            {
                Turn();
                return _neurons;
            }
        }
    }

    public void Spend(double neurons)
    {
        lock (_lock)
        {
            Turn();
            _neurons += neurons;
        }
    }

    /// <summary>Counts one request of this minute; false when there were <paramref name="most"/> already.</summary>
    /// <param name="bucket">Whose requests count together: a task, or a model that has a limit of its own.</param>
    public bool TryCount(string bucket, int most)
    {
        lock (_lock)
        {
            var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (minute != _minute)
            {
                _minute = minute;
                _requests.Clear();
            }
            var count = _requests.GetValueOrDefault(bucket);
            if (count >= most)
                return false;
            _requests[bucket] = count + 1;
            return true;
        }
    }

    public bool HasAgreed(string model) => _agreed.ContainsKey(model);

    public void Agree(string model) => _agreed[model] = true;

    private void Turn()
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (today == _day)
            return;
        _day = today;
        _neurons = 0;
    }
}
