using System.Globalization;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// The time after which an allowance begins anew: `day` and `month` of the calendar in UTC, or a number of seconds, whose windows begin at its multiples since 1970, UTC.
/// </summary>
public readonly record struct KeyWindow
{
    public const long ShortestSeconds = 60, LongestSeconds = 31_622_400;

    private readonly long _seconds;

    // 0 is a month: the only one whose length differs.
    private KeyWindow(long seconds) => _seconds = seconds;

    public static KeyWindow Minute { get; } = new(60);

    public static KeyWindow Day { get; } = new(86_400);

    public static KeyWindow Month { get; } = new(0);

    /// <summary>`day`, `month`, or 60 to 31622400 seconds (366 days); null for anything else.</summary>
    public static KeyWindow? Parse(string text) => text switch
    {
        "day" => Day,
        "month" => Month,
        _ => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= ShortestSeconds and <= LongestSeconds ? new KeyWindow(seconds) : null,
    };

    public DateTimeOffset StartOf(DateTimeOffset now) => _seconds == 0
        ? new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero)
        : DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / _seconds * _seconds);

    public DateTimeOffset EndOf(DateTimeOffset start) => _seconds == 0 ? start.AddMonths(1) : start.AddSeconds(_seconds);

    /// <summary>As it follows "in a".</summary>
    public string Words => _seconds switch
    {
        0 => "calendar month (UTC)",
        60 => "minute",
        86_400 => "day (UTC)",
        _ => $"window of {_seconds} s",
    };

    public override string ToString() => _seconds switch { 0 => "month", 86_400 => "day", _ => _seconds.ToString(CultureInfo.InvariantCulture) };
}
