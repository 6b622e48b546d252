namespace GatewayOps.Emulator.Analytics;

/// <summary>One figure of a group while its facts go by.</summary>
public abstract class Accumulator
{
    public abstract decimal Result { get; }

    public abstract void Add(decimal value);
}

public sealed class Sum : Accumulator
{
    private decimal _sum;

    public override decimal Result => _sum;

    public override void Add(decimal value) => _sum += value;
}

public sealed class Maximum : Accumulator
{
    private decimal? _maximum;

    public override decimal Result => _maximum ?? 0;

    public override void Add(decimal value) => _maximum = _maximum is { } known ? Math.Max(known, value) : value;
}

/// <summary>Nearest rank over all values: exact, at eight bytes a value.</summary>
public sealed class Quantile(double rank) : Accumulator
{
    private readonly List<double> _values = [];
    private bool _sorted;

    public static IReadOnlyList<(string Name, double Rank)> All { get; } =
        [("P25", 0.25), ("P50", 0.5), ("P75", 0.75), ("P90", 0.9), ("P95", 0.95), ("P99", 0.99), ("P999", 0.999)];

    public override decimal Result
    {
        get
        {
            if (_values.Count == 0)
                return 0;
            if (!_sorted)
                _values.Sort();
            _sorted = true;
            return (decimal)_values[Math.Max(0, (int)Math.Ceiling(rank * _values.Count) - 1)];
        }
    }

    public override void Add(decimal value)
    {
        _values.Add((double)value);
        _sorted = false;
    }
}
