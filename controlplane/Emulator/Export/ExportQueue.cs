using System.Threading.Channels;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Export;

/// <summary>A log row on its way out.</summary>
public sealed record LoggedRow(GatewayState Gateway, LogRow Row);

/// <summary>
/// Between the requests and one exporter: takes a row without ever waiting, or drops it. Bounded in rows and in the bytes of their bodies. One reader.
/// </summary>
public sealed class ExportQueue
{
    public const int MostRows = 10_000;
    public const long MostBytes = 64 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Channel<LoggedRow> _rows = Channel.CreateBounded<LoggedRow>(new BoundedChannelOptions(MostRows) { SingleReader = true });
    private readonly List<TaskCompletionSource> _waiting = [];
    private long _pending;
    private long _bytes;
    private long _exported;
    private long _failed;
    private long _dropped;

    public ChannelReader<LoggedRow> Reader => _rows.Reader;

    /// <summary>`Pending`: taken and not yet done with. `Failed`: the receiver would not have them. `Dropped`: never tried.</summary>
    public (long Pending, long Exported, long Failed, long Dropped) Counts
    {
        get
        {
            lock (_lock)
                return (_pending, _exported, _failed, _dropped);
        }
    }

    public void Offer(LoggedRow row)
    {
        lock (_lock)
        {
            if (_bytes + row.Row.BodyBytes > MostBytes || !_rows.Writer.TryWrite(row))
            {
                _dropped++;
                return;
            }
            _pending++;
            _bytes += row.Row.BodyBytes;
        }
    }

    /// <summary>Called once for every row that was read.</summary>
    public void Finish(LoggedRow row, int exported = 0, int failed = 0, int dropped = 0)
    {
        lock (_lock)
        {
            _pending--;
            _bytes -= row.Row.BodyBytes;
            (_exported, _failed, _dropped) = (_exported + exported, _failed + failed, _dropped + dropped);
            if (_pending > 0)
                return;
            foreach (var waiting in _waiting)
                waiting.TrySetResult();
            _waiting.Clear();
        }
    }

    /// <summary>Until nothing is pending.</summary>
    public Task DrainedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_pending == 0)
                return Task.CompletedTask;
            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(waiting);
            return waiting.Task.WaitAsync(cancellationToken);
        }
    }
}
