using GatewayOps.Cli.Models;
using GatewayOps.Client;

namespace GatewayOps.Tests.Cli;

public sealed class CostsTests
{
    /// <summary>An answer cost nothing where a cache had all of it, and only then.</summary>
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, true)]
    [InlineData(2, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(0, 0, false)]
    public void Cached_IsAnAnswerWhoseTurnsAllWere(int turns, int cached, bool isCached) =>
        Assert.Equal(isCached, Costs.IsCached(new GatewayUsage(10, 4, 14, null, null, "openai", "gpt-4o-mini", null, turns) { CachedTurns = cached }));
}
