using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
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

    /// <summary>Below nothing it would give budgets back; beyond measure a request would fail after its answer, and keep what it holds of them.</summary>
    [Theory]
    [InlineData("""{"note":"","models":[{"id":"m","provider":"openai","model":"m","input":1,"cachedInput":null,"output":-1,"contextWindow":1}]}""", "openai/m")]
    [InlineData("""{"note":"","models":[{"id":"m","provider":"openai","model":"m","input":1e27,"cachedInput":null,"output":1,"contextWindow":1}]}""", "openai/m")]
    [InlineData("null", "holds nothing")]
    public async Task PriceFile_WithAPriceThatIsNone_IsRefused(string json, string says)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "prices.json");
        await File.WriteAllTextAsync(file, json);

        var refused = Assert.Throws<OptionsValidationException>(() => new PriceTable(Options.Create(new UsageOptions { PriceFile = file })));

        Assert.Contains("GatewayOps:Usage:PriceFile", refused.Message, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

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
