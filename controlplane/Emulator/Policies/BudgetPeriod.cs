namespace GatewayOps.Emulator.Policies;

/// <summary>A named interval of the calendar, in UTC (contract 7).</summary>
public enum BudgetPeriod
{
    Hourly,
    Daily,
    Weekly,
    Monthly,
}

public static class BudgetPeriods
{
    /// <summary>As requests name them.</summary>
    public static readonly string[] Names = ["hourly", "daily", "weekly", "monthly"];

    /// <summary>When the interval began that `now` is in: the full hour, midnight, Monday's midnight, the first of the month.</summary>
    public static DateTimeOffset StartOf(this BudgetPeriod period, DateTimeOffset now)
    {
        var utc = now.ToUniversalTime();
        var day = new DateTimeOffset(utc.Date, TimeSpan.Zero);
        return period switch
        {
            BudgetPeriod.Hourly => day.AddHours(utc.Hour),
            BudgetPeriod.Daily => day,
            BudgetPeriod.Weekly => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
            _ => day.AddDays(1 - day.Day),
        };
    }

    public static BudgetPeriod Parse(string name) => (BudgetPeriod)Array.IndexOf(Names, name);
}
