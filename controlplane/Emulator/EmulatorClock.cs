namespace GatewayOps.Emulator;

/// <summary>
/// System time plus what the admin API advanced it by. Every TTL, window and timestamp of the emulator reads it, so that no test waits.
/// Timers and elapsed times stay real: a delay asked for in milliseconds is one.
/// </summary>
public sealed class EmulatorClock : TimeProvider
{
    private long _offsetTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>How far it was moved.</summary>
    public TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>Moves the clock to so far before the system's, where it is not there already.</summary>
    public void AdvanceTo(TimeSpan ahead)
    {
        var now = Interlocked.Read(ref _offsetTicks);
        while (now < ahead.Ticks && Interlocked.CompareExchange(ref _offsetTicks, ahead.Ticks, now) is var seen && seen != now)
            now = seen;
    }

    /// <summary>Moves the clock forward; it never goes back.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Interlocked.Add(ref _offsetTicks, by.Ticks);
    }
}
