using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Support;

/// <summary>One request that an emulator has and does not look at until the test lets it: between the two, whatever takes how long, nothing of it has happened.</summary>
public sealed class HeldCall(string method, string pathEnd)
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    /// <summary>Completes once it is here; fails after a minute.</summary>
    public Task ArrivedAsync() => _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public void Release() => _released.TrySetResult();

    /// <summary>True for the first request that fits.</summary>
    internal bool Takes(HttpRequest request) =>
        request.Method == method && request.Path.Value!.EndsWith(pathEnd, StringComparison.Ordinal) && Interlocked.Exchange(ref _taken, 1) == 0;

    internal Task PassAsync(CancellationToken cancellationToken)
    {
        _arrived.TrySetResult();
        return _released.Task.WaitAsync(cancellationToken);
    }
}
