using GatewayOps.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>One emulator for the tests of a class, which run one after the other; each test makes a gateway of its own in it.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    private int _made;

    internal TestEmulator Emulator { get; private set; } = null!;

    public async Task InitializeAsync() => Emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxGateways = int.MaxValue, MaxSecrets = int.MaxValue });

    public async Task DisposeAsync() => await Emulator.DisposeAsync();

    /// <param name="settings">Members of the gateway beside the required ones.</param>
    internal TestGateway NewGateway(object? settings = null) => TestGateway.In(Emulator, $"gw{Interlocked.Increment(ref _made)}", settings, ownsEmulator: false);
}
