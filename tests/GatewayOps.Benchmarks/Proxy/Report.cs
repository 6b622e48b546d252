using System.Globalization;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>What one server did, a figure for each round.</summary>
internal sealed class Figures
{
    /// <summary>Whole answers a second.</summary>
    public List<double> Plain { get; } = [];

    /// <summary>Microseconds of its own CPU for a whole answer.</summary>
    public List<double> Cpu { get; } = [];

    /// <summary>Streams a second.</summary>
    public List<double> Streamed { get; } = [];

    /// <summary>Milliseconds at a low rate.</summary>
    public List<double> Median { get; } = [];

    public List<double> P99 { get; } = [];

    /// <summary>Milliseconds from the provider to the client, of one chunk.</summary>
    public List<double> ChunkDelay { get; } = [];

    /// <summary>Megabytes after all rounds.</summary>
    public List<double> Resident { get; } = [];

    /// <summary>Milliseconds from the start of the process to its first answer.</summary>
    public List<double> ColdStart { get; } = [];
}

internal static class Report
{
    public static int Print(Figures direct, Figures nginx, Figures bare, Figures product)
    {
        Console.WriteLine();
        Console.WriteLine($"{"",-30}{"direct",20}{"nginx",20}{"bare Kestrel",20}{"GatewayOps",20}");
        foreach (var (what, figure) in Rows)
        {
            Console.WriteLine($"{what,-30}{Spread(figure(direct)),20}{Spread(figure(nginx)),20}{Spread(figure(bare)),20}{Spread(figure(product)),20}");
        }

        Console.WriteLine();
        var missed = 0;
        foreach (var (what, value, target, isAtLeast) in Targets(direct, nginx, bare, product))
        {
            var isMet = isAtLeast ? value >= target : value <= target;
            missed += isMet ? 0 : 1;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(isMet ? "ok    " : "MISSED")}  {what}: {value:0.00}x (target {(isAtLeast ? "at least" : "at most")} {target:0.00}x)"));
        }

        return missed == 0 ? 0 : 1;
    }

    private static readonly (string What, Func<Figures, List<double>> Figure)[] Rows =
    [
        ("requests/s", figures => figures.Plain),
        ("CPU us per request", figures => figures.Cpu),
        ("streams/s", figures => figures.Streamed),
        ("p50 ms at 200/s", figures => figures.Median),
        ("p99 ms at 200/s", figures => figures.P99),
        ("chunk delay ms", figures => figures.ChunkDelay),
        ("resident MB", figures => figures.Resident),
        ("cold start ms", figures => figures.ColdStart),
    ];

    private static IEnumerable<(string What, double Value, double Target, bool IsAtLeast)> Targets(Figures direct, Figures nginx, Figures bare, Figures product) =>
    [
        ("requests/s of nginx", Of(product.Plain) / Of(nginx.Plain), 0.50, true),
        ("requests/s of bare Kestrel", Of(product.Plain) / Of(bare.Plain), 0.85, true),
        ("CPU per request of nginx", Of(product.Cpu) / Of(nginx.Cpu), 2.0, false),
        ("streams/s of nginx", Of(product.Streamed) / Of(nginx.Streamed), 1.0, true),
        ("added p50 at 200/s of nginx's", (Of(product.Median) - Of(direct.Median)) / (Of(nginx.Median) - Of(direct.Median)), 1.4, false),
        ("p99 at 200/s of nginx", Of(product.P99) / Of(nginx.P99), 2.0, false),
        ("resident memory of bare Kestrel", Of(product.Resident) / Of(bare.Resident), 2.0, false),
        ("cold start of bare Kestrel", Of(product.ColdStart) / Of(bare.ColdStart), 3.0, false),
    ];

    private static double Of(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Spread(List<double> values) => values.Count switch
    {
        0 => "-",
        1 => Text(values[0]),
        _ => $"{Text(Of(values))} ({Text(values.Min())}-{Text(values.Max())})",
    };

    private static string Text(double value) => value.ToString(value >= 100 ? "0" : value >= 1 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
