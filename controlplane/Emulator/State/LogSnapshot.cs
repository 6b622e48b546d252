using System.Collections;

namespace GatewayOps.Emulator.State;

/// <summary>
/// The rows of a log that a reader sees at one moment, oldest first; it copies references to runs of rows and never the rows. Read it once or often: rows
/// that come or go later do not change it.
/// </summary>
public sealed class LogSnapshot : IEnumerable<LogRow>
{
    private readonly LogSegment.View[] _segments;
    private readonly Func<LogRow, bool>? _isVisible;
    private readonly Lazy<int> _count;

    /// <summary>`isVisible`: null when every row is.</summary>
    internal LogSnapshot(LogSegment.View[] segments, Func<LogRow, bool>? isVisible, IReadOnlyList<LogRow> stale)
    {
        (_segments, _isVisible, StaleRows) = (segments, isVisible, stale);
        _count = new Lazy<int>(() => segments.Sum(segment => isVisible is null ? segment.Count : segment.Rows.Skip(segment.Start).Take(segment.Count).Count(isVisible)));
    }

    public int Count => _count.Value;

    /// <summary>Rows that are deleted, and still counted by `total_count` for a while (contract section 3).</summary>
    public IReadOnlyList<LogRow> StaleRows { get; }

    public IEnumerator<LogRow> GetEnumerator()
    {
        foreach (var segment in _segments)
        {
            for (var index = segment.Start; index < segment.End; index++)
            {
                if (_isVisible?.Invoke(segment.Rows[index]) != false)
                    yield return segment.Rows[index];
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public IEnumerable<LogRow> NewestFirst()
    {
        for (var run = _segments.Length - 1; run >= 0; run--)
        {
            var segment = _segments[run];
            for (var index = segment.End - 1; index >= segment.Start; index--)
            {
                if (_isVisible?.Invoke(segment.Rows[index]) != false)
                    yield return segment.Rows[index];
            }
        }
    }

    /// <summary>Rows `skip` to `skip + take` in the order of their ids, or the other way round. Where every row is visible it goes there at once.</summary>
    public IReadOnlyList<LogRow> Page(long skip, int take, bool ascending)
    {
        if (_isVisible is not null)
            return skip >= Count ? [] : [.. (ascending ? this : NewestFirst()).Skip((int)skip).Take(take)];
        var rows = new List<LogRow>(take);
        for (var position = skip; position < Math.Min(skip + take, Count); position++)
            rows.Add(At((int)(ascending ? position : Count - 1 - position)));
        return rows;
    }

    private LogRow At(int position)
    {
        foreach (var segment in _segments)
        {
            if (position < segment.Count)
                return segment.Rows[segment.Start + position];
            position -= segment.Count;
        }
        throw new ArgumentOutOfRangeException(nameof(position));
    }
}
