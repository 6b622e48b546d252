using System.Security.Cryptography;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Events;

/// <summary>
/// Tells each webhook of the audit rows, in their order, at least once. One replica at a time is at a webhook, by a session lock of PostgreSQL; the cursor is
/// moved after the receiver took the event, and only from where it was read, so that a replica that was away for a while moves nothing back.
/// </summary>
public sealed partial class EventSender(IDbContextFactory<GatewayOpsDb> databases, EventSinks sinks, EventMetrics metrics, TimeProvider time, ILogger<EventSender> log) : BackgroundService
{
    private const int BatchSize = 100;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(sinks.All.Select(sink => FollowAsync(sink, stoppingToken)));

    private async Task FollowAsync(Webhook sink, CancellationToken cancellationToken)
    {
        var isLost = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await TellAsync(sink, cancellationToken);
                isLost = false;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A database that is away is told once; whatever else it is, the events are still there for the next time.
                if (!isLost)
                {
                    Interrupted(e, sink.Name);
                }

                isLost = true;
            }

            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellAsync(Webhook sink, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var state = await sinks.LookAsync(db, sink, cancellationToken);
        metrics.Seen(sink.Name, state.Behind, state.State == SinkState.Failing);
        if (state.Behind == 0 || state.NextAttemptAt > time.GetUtcNow())
        {
            return;
        }

        await db.Database.OpenConnectionAsync(cancellationToken);
        var lockName = $"gatewayops-events:{sink.Name}";
        if (!await db.Database.SqlQuery<bool>($"""select pg_try_advisory_lock(hashtextextended({lockName}, 0)) as "Value" """).SingleAsync(cancellationToken))
        {
            return; // Another replica is at it.
        }

        try
        {
            while (await TellBatchAsync(db, sink, cancellationToken))
            {
            }
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_unlock(hashtextextended({lockName}, 0))", CancellationToken.None);
        }
    }

    /// <summary>True when there may be more to tell at once.</summary>
    private async Task<bool> TellBatchAsync(GatewayOpsDb db, Webhook sink, CancellationToken cancellationToken)
    {
        // Under the lock, and anew: another replica may have told some of it meanwhile.
        var cursor = await db.EventCursors.AsNoTracking().SingleAsync(row => row.Sink == sink.Name, cancellationToken);
        if (cursor.NextAttemptAt > time.GetUtcNow())
        {
            return false;
        }

        var rows = await db.Audit.AsNoTracking().Where(row => row.Sequence > cursor.Sequence).OrderBy(row => row.Sequence).Take(BatchSize).ToListAsync(cancellationToken);
        foreach (var row in rows.Where(row => sink.Wants(row.Action)))
        {
            var delivery = await sink.SendAsync(row, cancellationToken);
            if (!delivery.IsTaken && !await FailedAsync(db, sink, cursor, row, delivery, cancellationToken))
            {
                return false;
            }

            if (delivery.IsTaken)
            {
                metrics.Delivered(sink.Name, EventResult.Delivered);
                if (cursor.Attempts > 0)
                {
                    TakenAgain(sink.Name, sink.Host);
                }
            }

            if (!await MoveAsync(db, cursor, row.Sequence!.Value, delivery.IsTaken ? null : Actor.Service, cancellationToken))
            {
                return false;
            }
        }

        return rows.Count > 0 && await MoveAsync(db, cursor, rows[^1].Sequence!.Value, null, cancellationToken) && rows.Count == BatchSize;
    }

    /// <summary>Remembers a failed attempt; true when the event is given up.</summary>
    private async Task<bool> FailedAsync(GatewayOpsDb db, Webhook sink, EventCursorRow cursor, AuditRow row, Delivery delivery, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var attempts = cursor.Attempts + 1;
        var since = cursor.Attempts == 0 ? now : cursor.UpdatedAt;
        metrics.Delivered(sink.Name, EventResult.Failed);
        if (delivery.IsVerdict && Retry.IsFailing(attempts, now - since))
        {
            GivenUp(row.Sequence!.Value, sink.Name, sink.Host, attempts, delivery.Error!);
            return true;
        }

        var next = now + Retry.Wait(attempts, delivery.RetryAfter, RandomNumberGenerator.GetInt32(1000) / 1000.0);
        await db.EventCursors.Where(kept => kept.Sink == cursor.Sink && kept.Sequence == cursor.Sequence).ExecuteUpdateAsync(
            kept => kept.SetProperty(x => x.Attempts, attempts).SetProperty(x => x.NextAttemptAt, next).SetProperty(x => x.LastError, delivery.Error).SetProperty(x => x.UpdatedAt, since),
            cancellationToken);
        if (attempts == 1 || attempts == Retry.GiveUpAttempts)
        {
            NotTaken(sink.Name, sink.Host, row.Sequence!.Value, attempts, delivery.Error!);
        }

        return false;
    }

    /// <summary>Moves the cursor on; false when it is no longer where it was read. <paramref name="givesUp"/>: who skips the event, which is an event itself.</summary>
    private async Task<bool> MoveAsync(GatewayOpsDb db, EventCursorRow cursor, long to, Actor? givesUp, CancellationToken cancellationToken)
    {
        if (cursor.Sequence == to)
        {
            return true;
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var moved = await db.EventCursors.Where(kept => kept.Sink == cursor.Sink && kept.Sequence == cursor.Sequence).ExecuteUpdateAsync(
            kept => kept.SetProperty(x => x.Sequence, to).SetProperty(x => x.Attempts, 0).SetProperty(x => x.NextAttemptAt, (DateTimeOffset?)null)
                .SetProperty(x => x.LastError, (string?)null).SetProperty(x => x.UpdatedAt, now),
            cancellationToken);
        if (moved == 0)
        {
            return false;
        }

        if (givesUp is not null)
        {
            AuditLog.Append(db, givesUp, new(AuditActions.EventGivenUp, $"{cursor.Sink}/{to}") { Result = AuditResults.Failed }, now);
            await db.SaveChangesAsync(cancellationToken);
            metrics.Delivered(cursor.Sink, EventResult.GivenUp);
        }

        await transaction.CommitAsync(cancellationToken);
        (cursor.Sequence, cursor.Attempts, cursor.UpdatedAt) = (to, 0, now);
        return true;
    }

    [LoggerMessage(10000, LogLevel.Warning, "Webhook {Sink} ({Host}) did not take event {Sequence}, attempt {Attempts}: {Error}. It is tried again")]
    private partial void NotTaken(string sink, string host, long sequence, int attempts, string error);

    [LoggerMessage(10001, LogLevel.Information, "Webhook {Sink} ({Host}) takes events again")]
    private partial void TakenAgain(string sink, string host);

    [LoggerMessage(10002, LogLevel.Error, "Event {Sequence} is given up: webhook {Sink} ({Host}) refused it {Attempts} times in a day, the last time it {Error}")]
    private partial void GivenUp(long sequence, string sink, string host, int attempts, string error);

    [LoggerMessage(10003, LogLevel.Warning, "Events for webhook {Sink} wait; they are tried again every second")]
    private partial void Interrupted(Exception exception, string sink);
}
