namespace GatewayOps.Tests.Support;

/// <summary>One emulator for the tests of a class that leave it as it is.</summary>
public sealed class EmulatorFixture : IAsyncLifetime
{
    public TestEmulator Emulator { get; private set; } = null!;

    public async Task InitializeAsync() => Emulator = await TestEmulator.StartAsync();

    public async Task DisposeAsync() => await Emulator.DisposeAsync();
}
