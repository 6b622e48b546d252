namespace GatewayOps.Emulator.State;

/// <summary>
/// Deletions of log rows between their request and their effect. They are asynchronous (contract section 3): a delay after the request the rows are gone, and
/// for as long again `total_count` does not know it. Without a delay everything is at once. Not safe for concurrent use: the log's lock guards it.
/// </summary>
internal sealed class LogDeletions(TimeSpan delay)
{
    private readonly List<(DateTimeOffset At, IReadOnlySet<Ulid> Ids)> _asked = [];
    private readonly List<(DateTimeOffset Until, IReadOnlyList<LogRow> Rows)> _stale = [];

    public void Ask(IReadOnlySet<Ulid> ids, DateTimeOffset now)
    {
        if (ids.Count > 0)
            _asked.Add((now + delay, ids));
    }

    /// <summary>The deletions that happen now, taken out.</summary>
    public IReadOnlyList<IReadOnlySet<Ulid>> Due(DateTimeOffset now)
    {
        IReadOnlySet<Ulid>[] due = [.. _asked.Where(deletion => deletion.At <= now).Select(deletion => deletion.Ids)];
        _asked.RemoveAll(deletion => deletion.At <= now);
        return due;
    }

    public void Happened(IReadOnlyList<LogRow> rows, DateTimeOffset now)
    {
        if (delay > TimeSpan.Zero)
            _stale.Add((now + delay, [.. rows.Select(row => row.WithoutBodies())]));
    }

    /// <summary>Rows that are gone and still counted.</summary>
    public IReadOnlyList<LogRow> Stale(DateTimeOffset now)
    {
        _stale.RemoveAll(deletion => deletion.Until <= now);
        return [.. _stale.SelectMany(deletion => deletion.Rows)];
    }

    public void Clear()
    {
        _asked.Clear();
        _stale.Clear();
    }
}
