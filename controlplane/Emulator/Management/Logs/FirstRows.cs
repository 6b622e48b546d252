using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>Keeps the first rows, in some order, of all that go by: `most` of them, however many there are.</summary>
public sealed class FirstRows(Comparison<LogRow> order, long most)
{
    // The last of those kept stands at the head.
    private readonly PriorityQueue<LogRow, LogRow> _kept = new(Comparer<LogRow>.Create((left, right) => order(right, left)));

    public void Add(LogRow row)
    {
        if (_kept.Count < most)
            _kept.Enqueue(row, row);
        else if (most > 0)
            _kept.EnqueueDequeue(row, row);
    }

    public IReadOnlyList<LogRow> InOrder()
    {
        LogRow[] rows = [.. _kept.UnorderedItems.Select(item => item.Element)];
        Array.Sort(rows, order);
        return rows;
    }
}
