namespace GatewayOps.Emulator.State;

/// <summary>
/// The log rows of one gateway in order of their ids, which is the order of their requests. Safe for concurrent use: writers take turns for a moment, readers
/// work on a <see cref="LogSnapshot"/>. Bounded by the gateway's log management and by the account's <see cref="LogBudget"/>.
/// </summary>
public sealed class LogStore
{
    /// <summary>A larger log is not stored (contract section 3, limits).</summary>
    public const int MaxRowBytes = 10 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly AccountLogs _account;
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;
    private readonly List<LogSegment> _segments = [];
    private readonly LogDeletions _deletions;
    private int _count;
    private long _bodyBytes;
    // No row up to this id has bodies.
    private Ulid _bodiless;
    private (long Second, int Rows) _pace;
    private bool _closed;

    public LogStore(AccountLogs account, EmulatorOptions options, EmulatorClock clock)
    {
        (_account, _options, _clock) = (account, options, clock);
        _deletions = new LogDeletions(options.LogDeletionDelay);
        account.Budget.Join(this);
    }

    /// <summary>Rows that are kept, visible or not.</summary>
    public int Count => Volatile.Read(ref _count);

    public long BodyBytes => Interlocked.Read(ref _bodyBytes);

    /// <summary>The id of a request that comes in now.</summary>
    public string NewId() => _account.Ids.Next().ToString();

    /// <summary>The id of a row of that time.</summary>
    public string NewId(DateTimeOffset at) => _account.Ids.Next(at).ToString();

    /// <summary>
    /// False when the row is not kept: it is too large, its id is taken, more rows came in this second than the service stores, or the log has its
    /// `limit` of rows and does not delete the oldest.
    /// </summary>
    public bool Add(LogRow row, long limit, bool deleteOldest) => Add([row], limit, deleteOldest, paced: true) == 1;

    /// <summary>Adds rows of other times, to which no limit per second applies. How many were kept: not those whose id is taken.</summary>
    public int Import(IEnumerable<LogRow> rows, long limit, bool deleteOldest) => Add(rows, limit, deleteOldest, paced: false);

    /// <summary>The rows that a reader sees now, oldest first; of those, the ones whose request came in from `from` on and before `before`.</summary>
    public LogSnapshot Read(DateTimeOffset? from = null, DateTimeOffset? before = null) =>
        Read(from is { } first ? Ulid.SmallestOf(first) : null, before is { } end ? Ulid.SmallestOf(end) : null);

    /// <summary>All rows that a reader sees now, in a list. For a few rows: <see cref="Read"/> copies none.</summary>
    public IReadOnlyList<LogRow> Visible() => [.. Read()];

    /// <summary>Both ends included.</summary>
    public LogSnapshot Between(DateTimeOffset from, DateTimeOffset until) => Read(Ulid.SmallestOf(from), Ulid.SmallestAfter(until));

    public LogRow? Find(string id)
    {
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            Settle(now);
            return Locate(id) is var (segment, index) && IsVisible(segment[index], now) ? segment[index] : null;
        }
    }

    /// <summary>Replaces feedback, score or metadata; bodies stay what they are.</summary>
    public bool Change(string id, Func<LogRow, LogRow> change)
    {
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            Settle(now);
            if (Locate(id) is not var (segment, index) || !IsVisible(segment[index], now))
                return false;
            segment.Replace(index, change(segment[index]));
            return true;
        }
    }

    /// <summary>Deletes rows: at once, or after <see cref="EmulatorOptions.LogDeletionDelay"/> as the real service does.</summary>
    public void Remove(IEnumerable<LogRow> rows)
    {
        var ids = rows.Select(row => row.Key).ToHashSet();
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            _deletions.Ask(ids, now);
            Settle(now);
        }
    }

    /// <summary>The gateway is gone: its rows are given up, and a request that is still under way leaves none.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _account.Budget.Count(-_count, -_bodyBytes);
            (_count, _bodyBytes) = (0, 0);
            _segments.Clear();
            _deletions.Clear();
        }
        _account.Budget.Leave(this);
    }

    internal bool DropOldestRow()
    {
        lock (_lock)
            return _count > 0 && RemoveOldest();
    }

    internal bool DropOldestBodies()
    {
        lock (_lock)
        {
            for (var position = SegmentOf(_bodiless); position < _segments.Count; position++)
            {
                var segment = _segments[position];
                for (var index = 0; index < segment.Count; index++)
                {
                    if (segment[index] is not { BodyBytes: > 0 } row)
                        continue;
                    _bodiless = row.Key;
                    CountIn(0, -row.BodyBytes);
                    segment.Replace(index, row.WithoutBodies());
                    return true;
                }
            }
            return false;
        }
    }

    private LogSnapshot Read(Ulid? first, Ulid? end)
    {
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            Settle(now);
            var segments = new List<LogSegment.View>(_segments.Count);
            foreach (var segment in _segments)
            {
                if (!(segment.Last.Key < first || segment.First.Key >= end))
                    segments.Add(segment.Now.Between(first, end));
            }
            return new LogSnapshot([.. segments], _options.LogVisibilityDelay > TimeSpan.Zero ? row => IsVisible(row, now) : null, _deletions.Stale(now));
        }
    }

    private int Add(IEnumerable<LogRow> rows, long limit, bool deleteOldest, bool paced)
    {
        var added = 0;
        foreach (var row in rows)
        {
            if (row.BodyBytes > MaxRowBytes)
                continue;
            var kept = row.Sharing(_account.Texts);
            lock (_lock)
            {
                if (_closed || (_count >= limit && !deleteOldest) || (paced && !KeepsPace()) || !Insert(kept))
                    continue;
                while (_count > limit)
                    RemoveOldest();
            }
            added++;
            _account.Budget.Enforce();
        }
        return added;
    }

    private bool KeepsPace()
    {
        if (_options.MaxLogsPerSecond is not { } most)
            return true;
        var second = _clock.GetUtcNow().ToUnixTimeSeconds();
        _pace = second == _pace.Second ? (second, _pace.Rows + 1) : (second, 1);
        return _pace.Rows <= most;
    }

    private bool Insert(LogRow row)
    {
        if (_segments is not [.., var last] || last.Last.Key < row.Key)
        {
            if (_segments is [.., { IsFull: false } open])
                open.Append(row);
            else
                _segments.Add(new LogSegment(row));
        }
        else
        {
            // A request that took longer than a later one.
            var position = SegmentOf(row.Key);
            var index = _segments[position].Find(row.Key);
            if (index >= 0)
                return false;
            var replacements = _segments[position].With(~index, row);
            _segments[position] = replacements[0];
            _segments.InsertRange(position + 1, replacements.AsSpan(1));
            if (row.Key <= _bodiless)
                _bodiless = row.Key.Previous();
        }
        CountIn(1, row.BodyBytes);
        return true;
    }

    private bool RemoveOldest()
    {
        var row = _segments[0].TakeFirst();
        if (_segments[0].Count == 0)
            _segments.RemoveAt(0);
        CountIn(-1, -row.BodyBytes);
        return true;
    }

    // Deletions whose time has come happen when somebody looks.
    private void Settle(DateTimeOffset now)
    {
        foreach (var ids in _deletions.Due(now))
        {
            var removed = new List<LogRow>(Math.Min(ids.Count, _count));
            for (var position = _segments.Count - 1; position >= 0; position--)
            {
                var kept = new List<LogRow>();
                foreach (var row in _segments[position].Rows)
                    (ids.Contains(row.Key) ? removed : kept).Add(row);
                if (kept.Count == 0)
                    _segments.RemoveAt(position);
                else if (kept.Count < _segments[position].Count)
                    _segments[position] = new LogSegment(kept.ToArray());
            }
            CountIn(-removed.Count, -removed.Sum(row => row.BodyBytes));
            _deletions.Happened(removed, now);
        }
    }

    private (LogSegment Segment, int Index)? Locate(string id)
    {
        if (!Ulid.TryParse(id, out var key) || SegmentOf(key) is var position && position >= _segments.Count)
            return null;
        var index = _segments[position].Find(key);
        return index < 0 ? null : (_segments[position], index);
    }

    // The segment that has the row, or should have it.
    private int SegmentOf(Ulid id)
    {
        var (low, high) = (0, _segments.Count);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (_segments[middle].First.Key <= id)
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    private bool IsVisible(LogRow row, DateTimeOffset now) =>
        _options.LogVisibilityDelay == TimeSpan.Zero || row.CreatedAt.AddMilliseconds(row.Duration) + _options.LogVisibilityDelay <= now;

    private void CountIn(int rows, long bodyBytes)
    {
        _count += rows;
        _bodyBytes += bodyBytes;
        _account.Budget.Count(rows, bodyBytes);
    }
}
