namespace GatewayOps.Tests.Support;

/// <summary>One service without Cloudflare, for the tests of a class that leave it as it is.</summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await TestService.StartAsync();

    public async Task DisposeAsync() => await Service.DisposeAsync();
}
