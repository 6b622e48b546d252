namespace GatewayOps.ControlPlane.Storage;

public static class StoredTime
{
    /// <summary>Now, in the microseconds that PostgreSQL keeps: what is answered now is what is read back later.</summary>
    public static DateTimeOffset StoredNow(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
