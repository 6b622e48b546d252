using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// Reads gateways' logs from where the last poll ended. The cursor is the time of the newest row, so two clocks that differ, Cloudflare's and ours, lose nothing. Gateways take turns page by
/// page: one with a long backlog keeps no other waiting.
/// </summary>
public sealed partial class LogPoller(
    IEnumerable<IPolledSource> sources, AttemptStore store, FeedStore feeds, Backfills backfills, LogBodies bodies, IDbContextFactory<GatewayOpsDb> databases, CallPace pace, IngestionMetrics metrics, IOptions<IngestionOptions> options,
    TimeProvider time, ILogger<LogPoller> log)
{
    /// <summary>So many rows within the overlap are read again each time: two pages.</summary>
    public const int Calm = 100;

    // Calls under way at once: their waits overlap, and the pace is kept all the same.
    private const int MostAtOnce = 4;

    public IngestionOptions Settings => options.Value;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>
    /// Polls all these gateways in turns, until all are read to their end or <paramref name="longest"/> has passed. While others have more, one that was read to its end is polled again after
    /// each interval. What one of them refuses does not hold up the others. Safe at the same time from several replicas.
    /// </summary>
    public async Task PollAsync(IReadOnlyList<string> gateways, TimeSpan longest, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (turns, opened) = (new Queue<ILogTurn>(), new Dictionary<string, long>());
        foreach (var gateway in gateways)
        {
            await OpenAgainAsync(gateway);
        }

        foreach (var gateway in gateways)
        {
            if (await bodies.OpenAsync(gateway, cancellationToken) is { } turn)
            {
                turns.Enqueue(turn);
            }
        }

        foreach (var backfill in await backfills.OpenAsync(cancellationToken))
        {
            turns.Enqueue(backfill);
        }

        var running = new Dictionary<Task<IReadOnlyList<ILogTurn>>, ILogTurn>();
        try
        {
            while (true)
            {
                while (running.Count < MostAtOnce && time.GetElapsedTime(started) < longest && turns.TryDequeue(out var turn))
                {
                    running.Add(TurnAsync(turn, cancellationToken), turn);
                }

                if (running.Count == 0)
                {
                    return;
                }

                var done = await Task.WhenAny(running.Keys);
                running.Remove(done);
                foreach (var next in await done)
                {
                    turns.Enqueue(next);
                }

                var busy = turns.Concat(running.Values).OfType<LogFeed>().Select(feed => feed.Gateway).ToHashSet();
                foreach (var gateway in gateways.Where(gateway => turns.Count > 0 && !busy.Contains(gateway) && time.GetElapsedTime(opened[gateway]) >= Settings.Interval))
                {
                    await OpenAgainAsync(gateway);
                }
            }
        }
        finally
        {
            await Task.WhenAll(running.Keys.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task OpenAgainAsync(string gateway)
        {
            opened[gateway] = time.GetTimestamp();
            foreach (var feed in await OpenAsync(gateway, cancellationToken))
            {
                turns.Enqueue(feed);
            }
        }
    }

    internal Task<Stored> StoreAsync(IReadOnlyList<Attempt> rows, FeedMove move, CancellationToken cancellationToken) => store.AddAsync(rows, move, cancellationToken);

    internal void Told(LogFeed feed, AttemptPage page)
    {
        if (feed.IsSweep)
        {
            return;
        }

        if (page.Rest is null)
        {
            metrics.Polled(feed.Gateway, feed.Source, Now);
        }
        else
        {
            metrics.Behind(feed.Gateway, feed.Source, page.Backlog, Now);
        }
    }

    internal async Task FoundGapAsync(string gateway, string source, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (await feeds.AddGapAsync(gateway, source, from, to, cancellationToken))
        {
            metrics.Gap(source);
            Gap(log, source, gateway, from, to);
        }
    }

    /// <summary>One call. What is to take its turn next: this one again, or the sources that are asked after it.</summary>
    private async Task<IReadOnlyList<ILogTurn>> TurnAsync(ILogTurn turn, CancellationToken cancellationToken)
    {
        CloudflareException? refusal = null;
        try
        {
            await pace.WaitAsync(cancellationToken);
            if (await turn.StepAsync(cancellationToken))
            {
                return [turn];
            }
        }
        catch (CloudflareException e)
        {
            refusal = e;
            // The other gateways' logs are read all the same; this one's lag shows, and the next poll goes on from its cursor. Not found: not made yet, or deleted, which the reconciler reports.
            if (e.Kind != CloudflareErrorKind.NotFound)
            {
                PollFailed(log, turn.Source, turn.Gateway, e);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException && !Outage.MayPass(e))
        {
            // Of this gateway alone: what it answers is not understood, or cannot be stored.
            TurnFailed(log, turn.Source, turn.Gateway, e);
            if (turn is LogFeed { IsSweep: false })
            {
                // Its lag is there to be seen, though nothing was ever read here to its end.
                metrics.Behind(turn.Gateway, turn.Source, backlog: null, Now);
            }

            return [];
        }

        return turn is LogFeed feed ? await AfterAsync(feed, refusal, cancellationToken) : [];
    }

    /// <summary>What is to be read of a gateway now: the source that is set; under `auto` the one that has delivered, or the first in their order.</summary>
    private async Task<IReadOnlyList<LogFeed>> OpenAsync(string gateway, CancellationToken cancellationToken)
    {
        var known = await feeds.OfAsync(gateway, cancellationToken);
        var set = Settings.SourceOf(gateway);
        var asked = set is not null ? sources.FirstOrDefault(source => source.Name == set)
            : sources.FirstOrDefault(source => known.Any(feed => feed.Source == source.Name && feed.Through is not null)) ?? sources.FirstOrDefault();
        return asked is null ? [] : await OpenAsync(gateway, asked, known.FirstOrDefault(feed => feed.Source == asked.Name), cancellationToken);
    }

    private async Task<IReadOnlyList<LogFeed>> OpenAsync(string gateway, IPolledSource source, LogFeedRow? known, CancellationToken cancellationToken)
    {
        var (now, overlap) = (Now, Settings.Overlap);
        if (known?.Through is not { } through)
        {
            // Idle so far. A gap in polling that is longer than the first look back must not become one of the rows.
            var first = now - Settings.Lookback;
            var from = known?.PolledAt - overlap is { } before && before < first ? before : first;
            return [new LogFeed(this, source, new LogRange(gateway, from), null, null, isAnchored: false, isSweep: false)];
        }

        // From before there were two readings: what the overlap holds is swept once more.
        var swept = known.Swept ?? through - overlap;
        var begin = swept < through - overlap ? swept : through - overlap;
        // The cursor's own row is read again: it shows that the source still has what it had.
        var last = LogRange.Again(through);
        if (begin < last && !await IsCalmAsync(gateway, begin, cancellationToken))
        {
            var head = new LogFeed(this, source, new LogRange(gateway, last), through, swept, known.Anchored, isSweep: false);
            var until = through < now - overlap ? through : now - overlap;
            return until - swept > Settings.Interval ? [head, new LogFeed(this, source, new LogRange(gateway, LogRange.Again(swept), until), through, swept, isAnchored: false, isSweep: true)] : [head];
        }

        return [new LogFeed(this, source, new LogRange(gateway, begin < last ? begin : last), through, swept, known.Anchored, isSweep: false)];
    }

    private async Task<bool> IsCalmAsync(string gateway, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GatewayLogs.Where(row => row.Gateway == gateway && row.CreatedAt > since.ToUniversalTime()).Take(Calm + 1).CountAsync(cancellationToken) <= Calm;
    }

    /// <summary>
    /// Under `auto`, the source that is asked after one that ended: where it refused, and not only for now, it is not there for this account; where it never delivered anything, it may be there
    /// and stay empty (Cloudflare contract, section 3).
    /// </summary>
    private async Task<IReadOnlyList<LogFeed>> AfterAsync(LogFeed ended, CloudflareException? refusal, CancellationToken cancellationToken)
    {
        if (ended.IsSweep || ended.Rows > 0 || refusal is { IsTransient: true } || Settings.SourceOf(ended.Gateway) is not null)
        {
            return [];
        }

        var known = await feeds.OfAsync(ended.Gateway, cancellationToken);
        var next = sources.SkipWhile(source => source.Name != ended.Source).Skip(1).FirstOrDefault();
        return next is null || (refusal is null && known.Any(feed => feed.Source == ended.Source && feed.Through is not null))
            ? []
            : await OpenAsync(ended.Gateway, next, known.FirstOrDefault(feed => feed.Source == next.Name), cancellationToken);
    }

    [LoggerMessage(6000, LogLevel.Warning, "The {Source} of gateway {Gateway} could not be read")]
    private static partial void PollFailed(ILogger logger, string source, string gateway, Exception exception);

    [LoggerMessage(6011, LogLevel.Error, "The {Source} of gateway {Gateway} cannot be taken, and stay where they are; others are read")]
    private static partial void TurnFailed(ILogger logger, string source, string gateway, Exception exception);

    [LoggerMessage(6002, LogLevel.Warning, "The {Source} of gateway {Gateway} have no longer what was read last: rows between {From} and {To} may have been lost unread")]
    private static partial void Gap(ILogger logger, string source, string gateway, DateTimeOffset from, DateTimeOffset to);
}
