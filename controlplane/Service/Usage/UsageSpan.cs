namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// How a span of time is put together: whole days from the daily totals, whole hours from the hourly ones, and what is left at its ends (less than an hour each) from the records.
/// Without an end the totals serve up to now. Times are UTC.
/// </summary>
public sealed record UsageSpan(DateTime From, DateTime HourFrom, DateTime DayFrom, DateTime DayTo, DateTime HourTo, DateTime To)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <param name="from">Included.</param>
    /// <param name="to">Not included; null is no end.</param>
    /// <param name="byDays">False: daily totals are not used, because hours are asked for.</param>
    public static UsageSpan Of(DateTimeOffset from, DateTimeOffset? to, bool byDays = true)
    {
        var (start, end) = (from.UtcDateTime, to?.UtcDateTime ?? DateTime.MaxValue);
        var (hourFrom, hourTo) = (Ceiling(start, Hour), to is null ? end : Floor(end, Hour));
        if (hourFrom >= hourTo)
        {
            // Within an hour, or over one bound between two hours: records alone.
            return new UsageSpan(start, end, end, end, end, end);
        }

        var (dayFrom, dayTo) = (Ceiling(hourFrom, Day), to is null ? end : Floor(hourTo, Day));
        return byDays && dayFrom < dayTo ? new UsageSpan(start, hourFrom, dayFrom, dayTo, hourTo, end) : new UsageSpan(start, hourFrom, hourTo, hourTo, hourTo, end);
    }

    private static DateTime Floor(DateTime time, TimeSpan unit) => new(time.Ticks - (time.Ticks % unit.Ticks), DateTimeKind.Utc);

    private static DateTime Ceiling(DateTime time, TimeSpan unit) => Floor(time, unit) is var floor && floor == time ? floor : floor + unit;
}
