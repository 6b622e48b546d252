using System.Globalization;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Batch;

/// <summary>What the bar shows at one moment.</summary>
/// <param name="Items">Lines to be answered, 1 or more.</param>
/// <param name="Totals">So far.</param>
/// <param name="PerSecond">Lines of the last half minute.</param>
/// <param name="Pause">How long everybody still waits because of a 429.</param>
public sealed record BatchMoment(int Items, BatchTotals Totals, double PerSecond, TimeSpan Pause);

/// <summary>One line of text: bar, rate, tokens, cost, time that is left.</summary>
public static class BatchProgress
{
    private const int BarWidth = 20;

    /// <param name="moment">What is shown.</param>
    /// <param name="width">Columns at most; 20 or more.</param>
    /// <param name="colours">Whether the terminal takes them.</param>
    public static string Render(BatchMoment moment, int width, bool colours)
    {
        var totals = moment.Totals;
        var done = totals.Answered + totals.Failed;
        var share = (double)done / moment.Items;
        var bar = new string('█', (int)(share * BarWidth)).PadRight(BarWidth, '░');
        string[] parts =
        [
            $"{Count(done)}/{Count(moment.Items)} {Math.Floor(share * 100):0}%",
            totals.Failed > 0 ? $"{Count(totals.Failed)} failed" : "",
            moment.Pause > TimeSpan.Zero ? $"rate limited, all wait {Time(moment.Pause)}" : $"{moment.PerSecond:0.0}/s",
            $"{Tokens(totals.InputTokens + totals.OutputTokens)} tokens",
            $"${totals.CostUsd.ToString("0.0000", CultureInfo.InvariantCulture)}",
            moment.PerSecond > 0 ? $"ETA {Time(TimeSpan.FromSeconds(Math.Min(86_400 * 99, (moment.Items - done) / moment.PerSecond)))}" : "ETA -",
        ];
        var text = $" {string.Join("  ", parts.Where(part => part.Length > 0))}";
        // A line that wraps would stay behind.
        var (shown, rest) = BarWidth + text.Length <= width ? (bar, text) : ("", text.TrimStart()[..Math.Min(text.Length - 1, width)]);
        return (colours ? (totals.Failed > 0 ? Ink.Changed : Ink.Good).Paint(shown) : shown) + rest;
    }

    /// <summary>As 1:02:03 or 2:03.</summary>
    public static string Time(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{(int)time.TotalMinutes}:{time:ss}";

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Tokens(long tokens) => tokens switch
    {
        >= 1_000_000 => $"{tokens / 1e6:0.0}M",
        >= 10_000 => $"{tokens / 1e3:0}k",
        _ => $"{tokens}",
    };
}

/// <summary>How many lines a second, over the last half minute.</summary>
public sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);

    private readonly Queue<(long At, int Done)> _samples = new();

    public double PerSecond(int done)
    {
        var now = time.GetTimestamp();
        _samples.Enqueue((now, done));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > Span)
        {
            _samples.Dequeue();
        }

        var (began, then) = _samples.Peek();
        var seconds = time.GetElapsedTime(began, now).TotalSeconds;
        return seconds > 0 ? (done - then) / seconds : 0;
    }
}

/// <summary>Draws the bar on a terminal, five times a second, and takes it away at the end.</summary>
public sealed class ProgressBar(TextWriter terminal, Func<BatchMoment?> now, Func<int> width, bool colours, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private const string ToTheLineStart = "\r\e[K";

    public async Task<T> DuringAsync<T>(Task<T> work)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var tick = timer.WaitForNextTickAsync().AsTask();
        while (await Task.WhenAny(work, tick) != work)
        {
            if (now() is { } moment)
            {
                await terminal.WriteAsync(ToTheLineStart + BatchProgress.Render(moment, width(), colours));
            }

            tick = timer.WaitForNextTickAsync().AsTask();
        }

        await terminal.WriteAsync(ToTheLineStart);
        return await work;
    }
}
