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
        public ResponseCache Cache { get; } = new();

        public RateWindow Requests { get; } = new();
    }
}
