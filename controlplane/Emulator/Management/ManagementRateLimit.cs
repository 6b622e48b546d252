using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management;

/// <summary>
/// 1200 requests in five minutes for a credential; one more, and everything is refused for the next five (contract section 1.4).
/// Credentials are those of the options, so the table is as small as they are few.
/// </summary>
public sealed class ManagementRateLimit
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Usage> _usage = [];
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;

    public ManagementRateLimit(EmulatorState state, EmulatorOptions options, EmulatorClock clock)
    {
        (_options, _clock) = (options, clock);
        state.WasReset += Clear;
    }

    /// <summary>Counts one request.</summary>
    public Verdict Take(string credential)
    {
        lock (_lock)
        {
            var now = _clock.GetUtcNow();
            var usage = _usage.GetValueOrDefault(credential);
            if (usage is null || now >= usage.End)
                usage = new Usage(now + Window, Requests: 0);
            // The first request too many begins the five minutes of the block; the refused ones do not prolong it.
            var requests = Math.Min(usage.Requests + 1, _options.RequestsPerFiveMinutes + 2);
            usage = requests == _options.RequestsPerFiveMinutes + 1 ? new Usage(now + Window, requests) : usage with { Requests = requests };
            _usage[credential] = usage;
            return new Verdict(requests <= _options.RequestsPerFiveMinutes, Math.Max(0, _options.RequestsPerFiveMinutes - requests), usage.End - now);
        }
    }

    private void Clear()
    {
        lock (_lock)
            _usage.Clear();
    }

    public sealed record Verdict(bool Allowed, int Remaining, TimeSpan Reset);

    private sealed record Usage(DateTimeOffset End, int Requests);
}
