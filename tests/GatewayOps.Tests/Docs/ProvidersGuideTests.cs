using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>providers.md names every provider with what the table has of it.</summary>
public sealed class ProvidersGuideTests
{
    [Fact]
    public void Providers_AreThoseOfTheTable() => GuideTable.Holds("providers.md", "Provider", UpstreamProviders.All.Select(provider => new[]
    {
        $"`{provider.Slug}`",
        string.Join(", ", ProviderTable.OperationsByName.Where(operation => provider.Has(operation.Value)).Select(operation => operation.Key).Order(StringComparer.Ordinal)),
        provider.IsLocal ? "never" : $"`{provider.GatewayPathOf(Operations.Chat)}`",
        provider.BaseUrl is { } url ? $"`{url.ToString().TrimEnd('/')}`" : "none",
        provider.KeyVariable is { } variable ? $"`{variable}`" : "none",
        provider.AskForStreamUsage ? "asked for" : "told unasked",
    }));

    /// <summary>DirectModeTests.AddingAProvider_IsOneRowOfTheSettings runs with this row.</summary>
    [Fact]
    public void AddingAProvider_IsTheRowThatATestRuns() =>
        Assert.Contains("\n    GatewayOps__Providers__acme__BaseUrl=https://llm.example/v1\n", File.ReadAllText(Repository.File("controlplane/docs/providers.md")), StringComparison.Ordinal);
}
