using System.Globalization;

namespace GatewayOps.ControlPlane.Http;

/// <summary>A time as callers write it: a span back from now (`90m`, `24h`, `7d`) or a time.</summary>
public static class PointInTime
{
    public const string Rule = "a span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z, of the years 1970 to 9998";

    /// <summary>Null for a text that is neither. Whoever rounds such a time, or takes a span from it, stays within what times can say.</summary>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000)
        {
            return text[^1] switch { 'm' => now.AddMinutes(-count), 'h' => now.AddHours(-count), 'd' => count <= 3660 ? now.AddDays(-count) : null, _ => null };
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.UtcDateTime.Year is >= 1970 and < 9999
            ? time.ToUniversalTime() : null;
    }
}
