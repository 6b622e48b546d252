namespace GatewayOps.Emulator;

/// <summary>
/// System time plus what the admin API advanced it by. Every TTL, window and timestamp of the emulator reads it, so that no test waits.
/// Timers and elapsed times stay real: a delay asked for in milliseconds is one.
/// </summary>
public sealed class EmulatorClock : TimeProvider
{
    private long _offsetTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>Moves the clock forward; it never goes back.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Interlocked.Add(ref _offsetTicks, by.Ticks);
    }
}
