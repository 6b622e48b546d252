using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>What is read: rows after `From`, and up to `Until` where that is said, a page at a time.</summary>
/// <param name="Mark">Where in it the next page begins, as the source says; null at its beginning.</param>
public sealed record LogRange(string Gateway, DateTimeOffset From, DateTimeOffset? Until = null, string? Mark = null)
{
    // What filters by time can tell apart.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(1);

    /// <summary>Where to begin so that rows of this very time are read again: some of them may be on both sides of a page.</summary>
    public static DateTimeOffset Again(DateTimeOffset through) => through.Floor(Grain) - Grain;
}

/// <summary>A page of rows.</summary>
/// <param name="Through">Everything of the range up to here was told, by this page and those before it. Null: nothing to speak of yet.</param>
/// <param name="Rest">What is left of the range; null when it was read to its end.</param>
/// <param name="Backlog">Rows that the rest has; null where the source does not say.</param>
public sealed record AttemptPage(IReadOnlyList<Attempt> Rows, DateTimeOffset? Through, LogRange? Rest, long? Backlog);

/// <summary>A source that is asked: one call of the API per page.</summary>
public interface IPolledSource
{
    /// <summary>One of <see cref="LogSources"/>.</summary>
    string Name { get; }

    /// <exception cref="Cloudflare.CloudflareException">Cloudflare could not be read, or has no such gateway.</exception>
    Task<AttemptPage> ReadAsync(LogRange range, CancellationToken cancellationToken);
}

/// <summary>What takes turns: one call of the API at a time.</summary>
public interface ILogTurn
{
    string Gateway { get; }

    string Source { get; }

    /// <summary>Reads one page and stores it. False when there is no more to read.</summary>
    /// <exception cref="Cloudflare.CloudflareException">Cloudflare could not be read; what was read before is kept.</exception>
    Task<bool> StepAsync(CancellationToken cancellationToken);
}
