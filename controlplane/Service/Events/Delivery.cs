using System.Net;

namespace GatewayOps.ControlPlane.Events;

/// <summary>How one attempt to deliver an event ended.</summary>
/// <param name="Status">The receiver's answer; null when there was none.</param>
/// <param name="Error">What failed, without anything that the receiver wrote; null when it took the event.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone.</param>
public sealed record Delivery(HttpStatusCode? Status, string? Error, TimeSpan? RetryAfter)
{
    public bool IsTaken => Error is null;

    // Not there, or busy: it says nothing about the event. Every other answer may be about this one event.
    public bool IsVerdict => Error is not null
        && Status is not (null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout);
}

/// <summary>What follows from failed attempts.</summary>
public static class Retry
{
    /// <summary>An event that is answered with an error is given up after this many attempts, and no sooner than <see cref="GiveUpAfter"/> after the first.</summary>
    public const int GiveUpAttempts = 10;

    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromHours(1);

    /// <summary>The wait after attempt <paramref name="attempts"/> (from 1): doubles from a second to an hour, and is what the receiver asks for where that is more, up to an hour.</summary>
    /// <param name="jitter">0 to 1; takes off up to a fifth, so that receivers are not met by everybody at once.</param>
    public static TimeSpan Wait(int attempts, TimeSpan? asked, double jitter)
    {
        var wait = First * Math.Pow(2, Math.Min(attempts - 1, 20));
        wait = (wait < Longest ? wait : Longest) * (1 - (0.2 * jitter));
        return asked > wait ? (asked < Longest ? asked.Value : Longest) : wait;
    }

    /// <summary>Whether the sink counts as failing: the event in hand has been tried for a day.</summary>
    public static bool IsFailing(int attempts, TimeSpan since) => attempts >= GiveUpAttempts && since >= GiveUpAfter;
}
