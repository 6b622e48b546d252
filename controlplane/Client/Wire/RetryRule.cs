using System.Runtime.InteropServices;

namespace GatewayOps.Client.Wire;

/// <summary>Which failures are tried again, and when: a 429, because the gateway tries others again itself. Source: checklist S3-20.</summary>
/// <param name="Most">Attempts after the first one.</param>
/// <param name="Delay">Before the first of them; doubled for each further one.</param>
/// <param name="Jitter">How much longer a wait may be, as a share of it.</param>
/// <param name="Longest">A Retry-After beyond this is not waited for.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetryRule(int Most, TimeSpan Delay, double Jitter, TimeSpan Longest)
{
    /// <summary>How long until the attempt after this one, counted from 1; null when there is none.</summary>
    public TimeSpan? Wait(GatewayException failure, int attempt)
    {
        if (failure is not GatewayRateLimitedException limited || attempt > Most) return null;
        if (limited.RetryAfter is { } asked) return asked <= Longest ? asked : null;
        // Not a secret: chance keeps callers apart.
        return Delay * (1 << (attempt - 1)) * (1 + Jitter * Random.Shared.NextDouble());
    }
}
