using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics.Telemetry;

/// <summary>One calculation of a telemetry query: what of the events, and its figure.</summary>
/// <param name="Operator">In lower case: count, uniq, max, min, sum, avg, median, p001 to p999, stddev, variance.</param>
/// <param name="Key">Null for count over whole events.</param>
public sealed record Calculation(string Operator, string? Key, string? Alias)
{
    private static readonly Dictionary<string, double> Ranks = new(StringComparer.Ordinal)
    {
        ["median"] = 0.5,
        ["p001"] = 0.001,
        ["p01"] = 0.01,
        ["p05"] = 0.05,
        ["p10"] = 0.1,
        ["p25"] = 0.25,
        ["p75"] = 0.75,
        ["p90"] = 0.9,
        ["p95"] = 0.95,
        ["p99"] = 0.99,
        ["p999"] = 0.999,
    };

    /// <summary>All operators in lower case; they are accepted in upper case too, and `COUNT_DISTINCT` is uniq.</summary>
    public static IReadOnlyList<string> Operators { get; } = ["count", "uniq", "max", "min", "sum", "avg", "stddev", "variance", .. Ranks.Keys];

    /// <summary>What `having` and `orderBy` call it.</summary>
    public string Name => Alias ?? Operator;

    public static Calculation Read(JsonElement element)
    {
        var name = element.GetProperty("operator").GetString()!.ToLowerInvariant();
        return new Calculation(name == "count_distinct" ? "uniq" : name, element.TextOf("key"), element.TextOf("alias"));
    }

    public double Of(IReadOnlyCollection<TelemetryEvent> events)
    {
        if (Key is null)
            return events.Count;
        if (Operator is "count" or "uniq")
        {
            var values = events.Select(e => e[Key]).Where(value => value is not null);
            return Operator == "count" ? values.Count() : values.Distinct().Count();
        }
        double[] numbers = [.. events.Select(e => e[Key]).OfType<double>()];
        if (numbers.Length == 0)
            return 0;
        var mean = numbers.Average();
        double Variance() => numbers.Average(number => (number - mean) * (number - mean));
        return Operator switch
        {
            "max" => numbers.Max(),
            "min" => numbers.Min(),
            "sum" => numbers.Sum(),
            "avg" => mean,
            "variance" => Variance(),
            "stddev" => Math.Sqrt(Variance()),
            _ => Rank(numbers, Ranks[Operator]),
        };
    }

    private static double Rank(double[] numbers, double rank)
    {
        Array.Sort(numbers);
        return numbers[Math.Max(0, (int)Math.Ceiling(rank * numbers.Length) - 1)];
    }
}
