namespace GatewayOps.ControlPlane.Storage;

public static class StoredTime
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    /// <summary>Now, in the microseconds that PostgreSQL keeps: what is answered now is what is read back later.</summary>
    public static DateTimeOffset StoredNow(this TimeProvider time) => time.GetUtcNow().Floor(Microsecond);

    /// <summary>The last whole <paramref name="unit"/> up to a time, in UTC: the minute, hour or day that it is in begins there.</summary>
    public static DateTimeOffset Floor(this DateTimeOffset time, TimeSpan unit) => new(time.UtcTicks - (time.UtcTicks % unit.Ticks), TimeSpan.Zero);
}
