using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Events;

public enum SinkState
{
    Ok,

    /// <summary>The last attempt failed.</summary>
    Retrying,

    /// <summary>The event in hand has been tried for a day: somebody has to look at the receiver.</summary>
    Failing,
}

/// <summary>A webhook and how far it has been told. `Host`: without the path, which may be a secret. `Behind`: audit rows after the last one that it took or does not want.</summary>
public sealed record SinkAnswer(
    string Name, string Host, IReadOnlyList<string> Actions, SinkState State, long Sequence, long Behind, int Attempts, DateTimeOffset? NextAttemptAt, string? LastError);

/// <summary>The webhooks of the settings, each with its cursor.</summary>
public sealed class EventSinks(IOptions<EventOptions> options, GuardedConnections connections, TimeProvider time) : IDisposable
{
    public IReadOnlyList<Webhook> All { get; } = [.. options.Value.Webhooks.Select(webhook => new Webhook(webhook, options.Value.Source, connections, time))];

    /// <summary>Where a webhook stands now. One that is new begins at the end: what was before it is not told.</summary>
    public async Task<SinkAnswer> LookAsync(GatewayOpsDb db, Webhook sink, CancellationToken cancellationToken)
    {
        var cursor = await FindAsync(db, sink, cancellationToken);
        if (cursor is null)
        {
            await db.Database.ExecuteSqlAsync(
                $"insert into event_cursors (sink, sequence, attempts, updated_at) select {sink.Name}, coalesce(max(sequence), 0), 0, {time.GetUtcNow()} from audit on conflict do nothing", cancellationToken);
            cursor = await FindAsync(db, sink, cancellationToken);
        }

        var head = await db.Audit.MaxAsync(row => row.Sequence, cancellationToken) ?? 0;
        var state = cursor!.Attempts == 0 ? SinkState.Ok : Retry.IsFailing(cursor.Attempts, time.GetUtcNow() - cursor.UpdatedAt) ? SinkState.Failing : SinkState.Retrying;
        return new(sink.Name, sink.Host, sink.Actions, state, cursor.Sequence, Math.Max(0, head - cursor.Sequence), cursor.Attempts, cursor.NextAttemptAt, cursor.LastError);
    }

    public void Dispose()
    {
        foreach (var sink in All)
        {
            sink.Dispose();
        }
    }

    private static Task<EventCursorRow?> FindAsync(GatewayOpsDb db, Webhook sink, CancellationToken cancellationToken) =>
        db.EventCursors.AsNoTracking().SingleOrDefaultAsync(row => row.Sink == sink.Name, cancellationToken);
}
