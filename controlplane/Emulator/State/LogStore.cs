namespace GatewayOps.Emulator.State;

/// <summary>The log rows of one gateway, by id, which is the order of their requests. Safe for concurrent use, bounded in rows and bytes.</summary>
public sealed class LogStore(EmulatorOptions options, EmulatorClock clock, UlidSource ids)
{
    /// <summary>A larger log is not stored (contract section 3, limits).</summary>
    public const int MaxRowBytes = 10 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Entry> _rows = new(StringComparer.Ordinal);
    private long _bodyBytes;

    public string NewId() => ids.Next();

    /// <summary>False when the row is not kept: it is too large, or the log is full and takes no more.</summary>
    public bool Add(LogRow row, long limit, bool deleteOldest)
    {
        if (row.BodyBytes > MaxRowBytes)
            return false;
        lock (_lock)
        {
            if (_rows.Count >= limit && !deleteOldest)
                return false;
            _rows.Add(row.Id, new Entry(row, clock.GetUtcNow() + options.LogVisibilityDelay));
            _bodyBytes += row.BodyBytes;
            while (_rows.Count > Math.Min(limit, options.MaxLogRows))
                RemoveRow(_rows.Keys.First());
            if (_bodyBytes > options.MaxLogBodyBytes)
                DropOldestBodies();
            return true;
        }
    }

    /// <summary>The rows that a reader sees now, oldest first.</summary>
    public IReadOnlyList<LogRow> Visible()
    {
        var now = clock.GetUtcNow();
        lock (_lock)
            return [.. _rows.Values.Where(entry => entry.VisibleFrom <= now).Select(entry => entry.Row)];
    }

    public int Count => Visible().Count;

    public IEnumerable<LogRow> Between(DateTimeOffset from, DateTimeOffset until) => Visible().Where(row => row.CreatedAt >= from && row.CreatedAt <= until);

    public LogRow? Find(string id)
    {
        lock (_lock)
            return _rows.TryGetValue(id, out var entry) && entry.VisibleFrom <= clock.GetUtcNow() ? entry.Row : null;
    }

    /// <summary>Replaces feedback, score or metadata; bodies stay what they are.</summary>
    public bool Change(string id, Func<LogRow, LogRow> change)
    {
        lock (_lock)
        {
            if (!_rows.TryGetValue(id, out var entry) || entry.VisibleFrom > clock.GetUtcNow())
                return false;
            _rows[id] = entry with { Row = change(entry.Row) };
            return true;
        }
    }

    public void Remove(IEnumerable<string> rows)
    {
        lock (_lock)
        {
            foreach (var id in rows)
                RemoveRow(id);
        }
    }

    private void RemoveRow(string id)
    {
        if (_rows.Remove(id, out var entry))
            _bodyBytes -= entry.Row.BodyBytes;
    }

    // Down to three quarters at once, so that a full store does not walk its rows for every request.
    private void DropOldestBodies()
    {
        foreach (var (id, entry) in _rows.Where(row => row.Value.Row.BodyBytes > 0).ToArray())
        {
            if (_bodyBytes <= options.MaxLogBodyBytes / 4 * 3)
                return;
            _bodyBytes -= entry.Row.BodyBytes;
            _rows[id] = entry with { Row = entry.Row with { RequestBody = null, ResponseBody = null } };
        }
    }

    private sealed record Entry(LogRow Row, DateTimeOffset VisibleFrom);
}
