namespace GatewayOps.Emulator.State;

/// <summary>
/// A run of rows in order of their ids. Rows are added at its end and leave at its start; every other change of the order makes a new segment, so that
/// who holds a <see cref="View"/> reads on undisturbed. A row that is replaced keeps its place: a view may see the one or the other.
/// </summary>
internal sealed class LogSegment
{
    private const int Capacity = 512;

    private readonly LogRow[] _rows = new LogRow[Capacity];
    private int _start;
    private int _end;

    public LogSegment(params ReadOnlySpan<LogRow> rows)
    {
        rows.CopyTo(_rows);
        _end = rows.Length;
    }

    /// <summary>What the segment held when it was taken.</summary>
    public readonly record struct View(LogRow[] Rows, int Start, int End)
    {
        public int Count => End - Start;

        public ReadOnlySpan<LogRow> Span => Rows.AsSpan(Start, Count);

        /// <summary>The rows from `from` on, and before `before`.</summary>
        public View Between(Ulid? from, Ulid? before)
        {
            var start = from is { } first ? Start + Position(Span, first) : Start;
            var end = before is { } last ? Start + Position(Span, last) : End;
            return new View(Rows, start, Math.Max(start, end));
        }
    }

    public int Count => _end - _start;
    public bool IsFull => _end == Capacity;
    public LogRow First => _rows[_start];
    public LogRow Last => _rows[_end - 1];
    public ReadOnlySpan<LogRow> Rows => _rows.AsSpan(_start, Count);

    public View Now => new(_rows, _start, _end);

    public LogRow this[int index] => _rows[_start + index];

    /// <summary>Where the row is, or ~ where it would be.</summary>
    public int Find(Ulid id)
    {
        var index = Position(Rows, id);
        return index < Count && this[index].Key == id ? index : ~index;
    }

    /// <summary>Only for a segment that is not full, and a row after its last.</summary>
    public void Append(LogRow row) => _rows[_end++] = row;

    public void Replace(int index, LogRow row) => _rows[_start + index] = row;

    public LogRow TakeFirst()
    {
        var row = First;
        // The segment holds the place until it is gone as a whole: not the bodies.
        _rows[_start++] = row.WithoutBodies();
        return row;
    }

    /// <summary>This segment with one row more: one segment, or two halves when it was full.</summary>
    public LogSegment[] With(int index, LogRow row)
    {
        LogRow[] rows = [.. Rows[..index], row, .. Rows[index..]];
        return rows.Length < Capacity ? [new LogSegment(rows)] : [new LogSegment(rows.AsSpan(0, rows.Length / 2)), new LogSegment(rows.AsSpan(rows.Length / 2))];
    }

    // The first index whose row is not before the id.
    private static int Position(ReadOnlySpan<LogRow> rows, Ulid id)
    {
        var (low, high) = (0, rows.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (rows[middle].Key < id)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
