using System.Runtime.CompilerServices;
using GatewayOps.Emulator.Policies;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>What the guards keep for a gateway; it lives as long as the gateway does.</summary>
public sealed class GuardMemory
{
    private readonly ConditionalWeakTable<GatewayState, Memory> _memories = [];

    public Memory Of(GatewayState gateway) => _memories.GetOrCreateValue(gateway);

    public sealed class Memory
    {
        public SpendLedger Spent { get; } = new();

        public PolicyBudgets Budgets { get; } = new();

        public CallWindow Wholesale { get; } = new();
    }
}
