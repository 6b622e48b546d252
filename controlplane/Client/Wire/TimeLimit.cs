namespace GatewayOps.Client.Wire;

/// <summary>A limit that begins anew with each piece of an answer, and the caller's token beside it.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _clock;
    private readonly CancellationTokenSource _both;

    public TimeLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        Limit = limit;
        _clock = new CancellationTokenSource(System.Threading.Timeout.InfiniteTimeSpan, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_clock.Token, cancellationToken);
    }

    public TimeSpan Limit { get; }

    public CancellationToken Token => _both.Token;

    public bool Passed => _clock.IsCancellationRequested;

    public void Renew() => _clock.CancelAfter(Limit);

    /// <summary>While nobody is waited for.</summary>
    public void Pause() => _clock.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _both.Dispose();
        _clock.Dispose();
    }
}
