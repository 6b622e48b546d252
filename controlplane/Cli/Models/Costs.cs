using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.Client;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Models;

/// <summary>
/// What answers cost, in US dollars by public list prices: those of the service that is asked, else those that are built in. Estimates: the invoice is the provider's. Thread-safe.
/// </summary>
public sealed class Costs(ModelTarget target)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ModelPrice>> _byModel = new();

    /// <summary>What an answer cost; 0 for one from the cache, null where tokens or prices are not known: that is not nothing.</summary>
    /// <param name="usage">What was used.</param>
    /// <param name="asked">The model as it was asked for.</param>
    /// <param name="cancellationToken">Ends the question which model, at which price, a name stands for; it is asked once.</param>
    public async Task<decimal?> OfAsync(GatewayUsage usage, string asked, CancellationToken cancellationToken)
    {
        if (IsCached(usage) || usage is { InputTokens: null } or { OutputTokens: null })
        {
            return Of(usage, price: null);
        }

        if (!_byModel.TryGetValue(asked, out var prices))
        {
            _byModel[asked] = prices = await PricesAsync(asked, cancellationToken);
        }

        // A name may stand for several upstreams: the one that answered says so.
        var provider = ProviderCatalogue.SlugOf(usage.Provider) ?? usage.Provider;
        return Of(usage, prices.FirstOrDefault(price => price.Provider == provider) ?? (usage.Model is { } own ? PriceTable.BuiltIn.Find(provider, own) : null));
    }

    /// <summary>What an answer cost at a price; 0 for one from the cache, null where tokens or the price are not known.</summary>
    public static decimal? Of(GatewayUsage usage, ModelPrice? price) =>
        IsCached(usage) ? 0
        : usage is { InputTokens: { } input, OutputTokens: { } output } ? price?.CostOf(new TokenUsage(input, output, usage.CachedInputTokens))
        : null;

    /// <summary>The gateway or the proxy had the answer already, all of its turns: nobody is paid for it. Where it had some of them, the tokens of all are counted.</summary>
    public static bool IsCached(GatewayUsage usage) => usage.CachedTurns > 0 && usage.CachedTurns == usage.Turns;

    /// <summary>The prices of the upstreams that `/v1/route-check` tells. Pure.</summary>
    public static IReadOnlyList<ModelPrice> Prices(JsonNode routes) => [.. Cell.Items(routes["upstreams"]).Where(upstream => upstream["price"] is not null).Select(upstream =>
    {
        var (provider, model) = (Cell.Text(upstream["provider"]), Cell.Text(upstream["model"]));
        return new ModelPrice($"{provider}/{model}", provider, model, Price("input"), Price("cached_input"), Price("output"), ContextWindow: 0);

        decimal? Price(string member) => upstream["price"]![member]?.GetValue<decimal>();
    })];

    private async Task<IReadOnlyList<ModelPrice>> PricesAsync(string asked, CancellationToken cancellationToken)
    {
        if (target.Service is { } service)
        {
            try
            {
                using var api = new ControlPlaneApi(Shell.AsCaller(service));
                return Prices(await api.GetAsync(RouteCheckCommand.For(path: null, ("model", asked)), cancellationToken));
            }
            catch (CliException)
            {
                // The answer was given: a price that cannot be read is no reason to fail.
            }
        }

        return ModelRouting.Resolve(asked, providerOverride: null) is { } named && PriceTable.BuiltIn.Find(named.Provider, named.Model) is { } price ? [price] : [];
    }
}
