using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>One management request as it came in. `Dropped`: its answer never left.</summary>
public sealed record ManagementRequest(string Method, string Path, string? Query, int Status, bool? Dropped);

/// <summary>The newest management requests, for tests that count calls. Bounded.</summary>
public sealed class ManagementRequests
{
    private readonly Lock _lock = new();
    private readonly Queue<ManagementRequest> _requests = [];
    private readonly int _most;

    public ManagementRequests(EmulatorState state, EmulatorOptions options)
    {
        _most = options.MaxRecordedRequests;
        state.WasReset += Clear;
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<ManagementRequest> All
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    public void Add(ManagementRequest request)
    {
        lock (_lock)
        {
            _requests.Enqueue(request);
            if (_requests.Count > _most)
                _requests.Dequeue();
        }
    }

    public void Clear()
    {
        lock (_lock)
            _requests.Clear();
    }
}
