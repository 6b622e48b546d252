using System.Net;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management;

/// <summary>
/// 1200 requests in five minutes for a user or an account-owned token; one more, and everything is refused for the next five (contract section 1.4).
/// GraphQL has a budget of its own. A caller whose window is over is forgotten, so the table is as small as the callers are few.
/// </summary>
public sealed class ManagementRateLimit
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // Beyond it, windows that are over are swept out.
    private const int SweepFrom = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ApiBudget Budget, string Caller), Usage> _usage = [];
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;
    private long _second;

    public ManagementRateLimit(EmulatorState state, EmulatorOptions options, EmulatorClock clock)
    {
        (_options, _clock) = (options, clock);
        state.WasReset += Clear;
    }

    /// <summary>Requests in a window.</summary>
    public int QuotaOf(ApiBudget budget) => budget == ApiBudget.GraphQl ? _options.GraphQlRequestsPerFiveMinutes : _options.RequestsPerFiveMinutes;

    /// <summary>What is left of the caller's window.</summary>
    public int Remaining(ApiBudget budget, string caller)
    {
        lock (_lock)
            return _usage.TryGetValue((budget, caller), out var usage) && _clock.GetUtcNow() < usage.End ? Math.Max(0, QuotaOf(budget) - usage.Requests) : QuotaOf(budget);
    }

    /// <summary>Counts one request.</summary>
    public Verdict Take(ApiBudget budget, string caller)
    {
        var quota = QuotaOf(budget);
        lock (_lock)
        {
            var now = _clock.GetUtcNow();
            if (_usage.Count >= SweepFrom)
                Sweep(now);
            var usage = _usage.GetValueOrDefault((budget, caller));
            if (usage is null || now >= usage.End)
                usage = new Usage(now + Window, Requests: 0);
            // The first request too many begins the five minutes of the block; the refused ones do not prolong it.
            var requests = Math.Min(usage.Requests + 1, quota + 2);
            usage = requests == quota + 1 ? new Usage(now + Window, requests) : usage with { Requests = requests };
            _usage[(budget, caller)] = usage;
            return new Verdict(requests <= quota, Math.Max(0, quota - requests), usage.End - now);
        }
    }

    /// <summary>Counts one request of an address; false when its second is used up.</summary>
    public bool AdmitsAddress(IPAddress? address)
    {
        if (_options.RequestsPerSecondPerAddress is not { } most || address is null)
            return true;
        lock (_lock)
        {
            var second = _clock.GetUtcNow().ToUnixTimeSeconds();
            if (second != _second)
                _addresses.Clear();
            _second = second;
            return (_addresses[address] = _addresses.GetValueOrDefault(address) + 1) <= most;
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var over in _usage.Where(entry => now >= entry.Value.End).Select(entry => entry.Key).ToArray())
            _usage.Remove(over);
    }

    private void Clear()
    {
        lock (_lock)
        {
            _usage.Clear();
            _addresses.Clear();
        }
    }

    public sealed record Verdict(bool Allowed, int Remaining, TimeSpan Reset);

    private sealed record Usage(DateTimeOffset End, int Requests);
}
