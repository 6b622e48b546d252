using GatewayOps.ControlPlane.Usage;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Usage;

public sealed class PriceTableTests
{
    private readonly PriceTable _prices = new(Options.Create(new UsageOptions()));

    [Theory]
    [InlineData("openai", "gpt-4o", "gpt-4o")]
    [InlineData("openai", "gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini")]
    [InlineData("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5")]
    [InlineData("openai", "gpt-4o-audio-preview", null)]
    [InlineData("openai", "claude-sonnet-4-5", null)]
    [InlineData("openai", "unheard-of", null)]
    public void Find_Model_GivesThePriceOfThatModelOnly(string provider, string model, string? found) => Assert.Equal(found, _prices.Find(provider, model)?.Model);

    [Fact]
    public void CostOf_CachedInput_IsCheaper()
    {
        var price = _prices.Find("openai", "gpt-4o")!;

        Assert.Equal(0.0125m, price.CostOf(new TokenUsage(1000, 1000)));
        Assert.Equal(0.012m, price.CostOf(new TokenUsage(1000, 1000, Cached: 400)));
    }

    /// <summary>Anthropic bills what is written to its prompt cache at a quarter more than other input.</summary>
    [Fact]
    public void CostOf_CacheWrites_IsDearer()
    {
        var price = _prices.Find("anthropic", "claude-sonnet-4-5")!;

        Assert.Equal(((100 * 3.00m) + (300 * 0.30m) + (600 * 3.75m)) / 1_000_000m, price.CostOf(new TokenUsage(1000, 0, Cached: 300) { CacheWrites = 600 }));
        Assert.Equal(1000 * 2.50m / 1_000_000m, _prices.Find("openai", "gpt-4o")!.CostOf(new TokenUsage(1000, 0) { CacheWrites = 600 }));
        Assert.Equal(1000 * 3.75m / 1_000_000m, price.CostOf(new TokenUsage(1000, 0) { CacheWrites = 9000 }));
    }
}
