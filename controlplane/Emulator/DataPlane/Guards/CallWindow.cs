namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Calls of the last seconds: Unified Billing allows 200 in 60 s for a gateway (contract 13). A refused call does not count.</summary>
public sealed class CallWindow
{
    public const int Limit = 200;

    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Queue<DateTimeOffset> _taken = new();

    public bool TryTake(DateTimeOffset now)
    {
        lock (_lock)
        {
            while (_taken.TryPeek(out var oldest) && now - oldest >= Length)
                _taken.Dequeue();
            if (_taken.Count >= Limit)
                return false;
            _taken.Enqueue(now);
            return true;
        }
    }
}
