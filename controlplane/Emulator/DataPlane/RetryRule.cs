using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>How often and how patiently one request is tried (contract 12.1, 14): the request's headers win over the gateway's settings.</summary>
/// <param name="Attempts">1 to 5; 1 means no retry.</param>
/// <param name="Delay">Milliseconds before the second attempt.</param>
/// <param name="Timeout">To the first byte; null waits.</param>
/// <param name="LastWaits">After retries the last attempt waits without a timeout.</param>
public sealed record RetryRule(long Attempts, long Delay, RetryBackoff Backoff, TimeSpan? Timeout, bool LastWaits = true)
{
    /// <summary>A day: headers may ask for what no timer can do.</summary>
    private const double MostMilliseconds = 86_400_000;

    public static RetryRule For(RequestDirectives directives, GatewaySettings settings) => new(
        Math.Clamp(directives.MaxAttempts ?? settings.RetryMaxAttempts ?? 1, 1, 5),
        directives.RetryDelay ?? settings.RetryDelay ?? 0,
        directives.Backoff ?? settings.RetryBackoff ?? RetryBackoff.Constant,
        directives.Timeout);

    /// <summary>What a model of a dynamic route says itself; the delay between its attempts is still the request's. Every attempt is timed: the fallback waits for it.</summary>
    public RetryRule Of(ModelElement model) => this with
    {
        Attempts = Math.Clamp(model.Retries + 1L, 1, 6),
        Timeout = model.Timeout > TimeSpan.Zero ? model.Timeout : null,
        LastWaits = false,
    };

    /// <summary>Contract 14: after retries the last attempt waits without a timeout.</summary>
    public TimeSpan? TimeoutOf(int attempt) => LastWaits && attempt > 1 && attempt == Attempts ? null : Timeout;

    /// <summary>Constant: the delay; linear: times the attempt; exponential: doubled with each (contract 14).</summary>
    /// <param name="attempt">The one that failed, from 1.</param>
    public TimeSpan DelayAfter(int attempt) => TimeSpan.FromMilliseconds(Math.Min(MostMilliseconds, Backoff switch
    {
        RetryBackoff.Linear => (double)Delay * attempt,
        RetryBackoff.Exponential => Delay * Math.Pow(2, attempt - 1),
        _ => Delay,
    }));
}
