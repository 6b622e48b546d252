using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>One stage without rules, for the tests of a class that change nothing of it but its records.</summary>
public sealed class StageFixture : IAsyncLifetime
{
    internal ProxyStage Stage { get; private set; } = null!;

    public async Task InitializeAsync() => Stage = await ProxyStage.StartAsync();

    public async Task DisposeAsync() => await Stage.DisposeAsync();
}

/// <summary>One stage that caches by model and messages.</summary>
public sealed class CachingFixture : IAsyncLifetime
{
    internal ProxyStage Stage { get; private set; } = null!;

    public async Task InitializeAsync() => Stage = await ProxyStage.StartAsync(
        """{ "rules": [ { "name": "chat", "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 3600, "key": ["model", "messages"] } } ] }""");

    public async Task DisposeAsync() => await Stage.DisposeAsync();
}
