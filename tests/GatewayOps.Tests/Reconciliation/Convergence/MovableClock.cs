namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>The machine's clock, put forward or back. Timers and stopwatches go on as they are, as they do when a real clock is set.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long _offset;

    public void Move(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
}
