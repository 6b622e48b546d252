namespace GatewayOps.Emulator.Policies;

/// <summary>What the buckets of one gateway have spent in the running periods. Safe for concurrent use.</summary>
public sealed class PolicyBudgets
{
    /// <summary>Ours: buckets whose period is over go first, then any.</summary>
    private const int Most = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Bucket, BudgetPeriod Period), (DateTimeOffset Start, decimal Spent)> _spent = [];

    /// <summary>USD.</summary>
    public decimal Spent(string bucket, BudgetPeriod period, DateTimeOffset now)
    {
        lock (_lock)
            return _spent.TryGetValue((bucket, period), out var found) && found.Start == period.StartOf(now) ? found.Spent : 0;
    }

    public void Add(string bucket, BudgetPeriod period, decimal cost, DateTimeOffset now)
    {
        var start = period.StartOf(now);
        lock (_lock)
        {
            var before = _spent.TryGetValue((bucket, period), out var found) && found.Start == start ? found.Spent : 0;
            if (_spent.Count >= Most && !_spent.ContainsKey((bucket, period)))
                MakeRoom(now);
            _spent[(bucket, period)] = (start, before + cost);
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, value) in _spent.ToArray())
            if (value.Start != key.Period.StartOf(now))
                _spent.Remove(key);
        foreach (var key in _spent.Keys.Take(Math.Max(0, _spent.Count - Most / 2)).ToArray())
            _spent.Remove(key);
    }
}
