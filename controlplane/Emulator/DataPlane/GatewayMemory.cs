using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>What the data plane keeps for a gateway: its cache and its request count. It lives as long as the gateway does.</summary>
public sealed class GatewayMemory
{
    private readonly ConditionalWeakTable<GatewayState, Memory> _memories = [];

    public Memory Of(GatewayState gateway) => _memories.GetOrCreateValue(gateway);

    public sealed class Memory
    {
        private readonly ConcurrentDictionary<string, RateWindow> _keys = [];

        public ResponseCache Cache { get; } = new();

        public RateWindow Requests { get; } = new();

        /// <summary>Counts towards the limit of a stored key (contract 4.1, `rate_limit` and `rate_limit_period`); true for every other credential.</summary>
        public bool TryUse(ProviderConfigState? config, DateTimeOffset now) =>
            config is not { RateLimit: >= 1 and var limit } || _keys.GetOrAdd(config.Id, static _ => new RateWindow())
                .TryTake((long)limit, Math.Max(1, (long)(config.RateLimitPeriod ?? ProviderConfigState.DefaultRateLimitPeriod)), RateLimitTechnique.Fixed, now);
    }
}
