namespace GatewayOps.Emulator.State;

/// <summary>
/// What the logs of all gateways may hold together (<see cref="EmulatorOptions.MaxLogRows"/>, <see cref="EmulatorOptions.MaxLogBodyBytes"/>). Beyond it the gateway
/// that holds most gives up its oldest: the row, or the bodies of the row.
/// </summary>
public sealed class LogBudget(EmulatorOptions options)
{
    private readonly Lock _lock = new();
    private readonly List<LogStore> _stores = [];
    private long _rows;
    private long _bodyBytes;

    public long Rows => Interlocked.Read(ref _rows);

    public long BodyBytes => Interlocked.Read(ref _bodyBytes);

    internal void Join(LogStore store)
    {
        lock (_lock)
            _stores.Add(store);
    }

    internal void Leave(LogStore store)
    {
        lock (_lock)
            _stores.Remove(store);
    }

    /// <summary>A store says what it took or gave back. It may hold its own lock: this takes none.</summary>
    internal void Count(long rows, long bodyBytes)
    {
        Interlocked.Add(ref _rows, rows);
        Interlocked.Add(ref _bodyBytes, bodyBytes);
    }

    /// <summary>Evicts until the bound holds. The caller holds no store's lock: this takes the lock of the budget, then that of a store.</summary>
    internal void Enforce()
    {
        if (Rows <= options.MaxLogRows && BodyBytes <= options.MaxLogBodyBytes)
            return;
        lock (_lock)
        {
            while (Rows > options.MaxLogRows && _stores.MaxBy(store => store.Count)?.DropOldestRow() == true)
            {
            }
            while (BodyBytes > options.MaxLogBodyBytes && _stores.MaxBy(store => store.BodyBytes)?.DropOldestBodies() == true)
            {
            }
        }
    }
}
