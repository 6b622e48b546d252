using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>What readers of logs have to put up with, on demand: pages in disorder, rows twice, sources whose clocks differ.</summary>
public sealed class LogWeather
{
    private Wish _now = new();

    public LogWeather(EmulatorState state) => state.WasReset += () => Now = new Wish();

    public Wish Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }

    /// <summary>A page of the logs API as it is sent. A row twice makes the page longer than was asked for: nothing else is lost by it.</summary>
    public IReadOnlyList<LogRow> Page(IReadOnlyList<LogRow> rows)
    {
        var now = Now;
        IEnumerable<LogRow> sent = now.Repeat ? rows.Append(rows[rows.Count / 2]) : rows;
        return rows.Count == 0 ? rows : now.Shuffle ? [.. sent.OrderBy(_ => Random.Shared.Next())] : [.. sent];
    }

    /// <summary>`Shuffle`: a page's rows come in any order. `Repeat`: one of a page's rows comes twice. The clocks of the telemetry query and of the span export go ahead by so many seconds, or behind.</summary>
    public sealed record Wish
    {
        public bool Shuffle { get; init; }
        public bool Repeat { get; init; }
        public double TelemetrySkewSeconds { get; init; }
        public double ExportSkewSeconds { get; init; }
    }
}
