using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>controlplane/docs/proxy.md against the tables of the code.</summary>
public sealed class ProxyGuideTests
{
    [Fact]
    public void Endpoints_AreHadByTheProvidersOfTheGuide()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "controlplane/docs/proxy.md"));

        Assert.All(Dialect.All, dialect => Assert.Contains($"| `{dialect.Path}` | {Providers(dialect)} |", guide, StringComparison.Ordinal));
    }

    private static string Providers(Dialect dialect)
    {
        var own = UpstreamProviders.All.Where(provider => provider.Has(dialect.Operation)).Select(provider => provider.Slug).ToList();
        return own.Count == UpstreamProviders.All.Count ? "all" : string.Join(", ", own) + (dialect.StandIn is null ? "" : "; all others through chat");
    }
}
