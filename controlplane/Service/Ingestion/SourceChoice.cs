using System.Runtime.InteropServices;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>From this time on, rows without a request id count by this source.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SourceChoice(DateTimeOffset Since, string Source);

/// <summary>What is known of a source's last words: the newest row that it told of, and when it was last read to its end or last delivered.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SourceLife(DateTimeOffset? Through, DateTimeOffset? HeardAt);

/// <summary>
/// Which source's rows without a request id count. The same request told by two sources has nothing in common but its time, and by time nothing is joined; so at any time one source counts and
/// the others' such rows are kept out. A row belongs to the choice of its own time: late, repeated and reordered rows are decided like any other.
/// </summary>
public static class SourceChoices
{
    /// <summary>A chosen source that was not heard for so long has lost its place to one that is.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(15);

    /// <summary>How far two sources' clocks may be apart: a row that close to the last of a silent source may be that source's.</summary>
    public static readonly TimeSpan ClockGrain = TimeSpan.FromMinutes(1);

    /// <summary>The source that counts at a time; null before anything is chosen.</summary>
    /// <param name="choices">By time.</param>
    public static string? At(IReadOnlyList<SourceChoice> choices, DateTimeOffset time)
    {
        string? source = null;
        foreach (var choice in choices)
        {
            if (choice.Since > time)
            {
                break;
            }

            source = choice.Source;
        }

        return source;
    }

    /// <summary>
    /// The choice to add when <paramref name="source"/> delivers rows without a request id, of which the oldest is of <paramref name="oldest"/> and the newest of
    /// <paramref name="newest"/>; null when all stays. Order of `auto`: OTLP as soon as a span comes, since somebody switched it on; else the first that delivers, the logs API being asked
    /// before the telemetry query; another one only after the chosen one was silent for <see cref="Silence"/>.
    /// </summary>
    /// <param name="fixedSource">What the settings say; null is `auto`.</param>
    /// <param name="current">Of the source that is chosen now.</param>
    public static SourceChoice? Next(
        IReadOnlyList<SourceChoice> choices, string? fixedSource, string source, DateTimeOffset oldest, DateTimeOffset newest, SourceLife current, DateTimeOffset now)
    {
        if (choices.Count == 0)
        {
            return new SourceChoice(DateTimeOffset.MinValue, fixedSource ?? source);
        }

        var last = choices[^1];
        if (last.Source == source || (fixedSource is not null && fixedSource != source))
        {
            return null;
        }

        // What the other one told, it told: nothing that may be among its rows counts once more.
        var told = current.Through is { } through ? Later(through + ClockGrain, last.Since.AddMicroseconds(1)) : last.Since.AddMicroseconds(1);
        if (fixedSource == source || source == LogSources.Otlp)
        {
            return newest > told ? new SourceChoice(Later(oldest, told), source) : null;
        }

        return (current.HeardAt is null || now - current.HeardAt > Silence) && newest > told ? new SourceChoice(told, source) : null;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
