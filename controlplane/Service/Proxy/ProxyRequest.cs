using System.Text.Json;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// A request that was read strictly. It knows the few fields that routing needs and where they stand in the caller's bytes;
/// everything else is forwarded as it came.
/// </summary>
public sealed class ProxyRequest(Dialect dialect, JsonDocument document, BodyEdits edits) : IDisposable
{
    public Dialect Dialect => dialect;

    /// <summary>Null where the caller leaves the choice to the proxy.</summary>
    public required string? Model { get; init; }

    /// <summary>The provider that the address or the body (`provider`) names, as written; null where neither does.</summary>
    public required string? Provider { get; init; }

    public required bool Stream { get; init; }

    /// <summary>Whether the caller itself asked for the usage chunk of a stream.</summary>
    public required bool WantsStreamUsage { get; init; }

    /// <summary>The body as parsed, for cache keys. Valid until disposal.</summary>
    public JsonElement Root => document.RootElement;

    /// <summary>
    /// The bytes to send to one upstream: `model` replaced, `provider` removed, usage asked for where a stream would not tell it, and <paramref name="temperature"/> where the caller sets none. Only for a provider that
    /// has to be asked in another dialect the body is written anew.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> BodyFor(UpstreamTarget target, double? temperature = null)
    {
        var (provider, spoken) = (target.Provider, dialect.For(target.Provider)!);
        var model = provider.WireModel(target.Model, spoken.Operation);
        var askForUsage = provider.AskForStreamUsage && spoken.HasUsageOption && Stream && !WantsStreamUsage;
        var ordinary = temperature is not null && dialect.HasTemperature && !HasOwn("temperature") ? temperature : null;
        return spoken == dialect
            ? edits.Apply(new BodyChanges(model == Model || !dialect.NamesModel ? null : model, askForUsage, ordinary))
            : [dialect.StandIn!.Request(Root, new BodyChanges(model, askForUsage, ordinary))];
    }

    /// <summary>What it may use at one upstream, before it is asked.</summary>
    public UsageAmounts Estimate(UpstreamTarget target, PriceTable prices)
    {
        var tokens = dialect.Estimate(Root, target.Model);
        return new UsageAmounts(1, tokens.Total, prices.Find(target.Provider.Slug, target.Model)?.CostOf(tokens) ?? 0);
    }

    public void Dispose() => document.Dispose();

    private bool HasOwn(string name) => Root.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null;
}
