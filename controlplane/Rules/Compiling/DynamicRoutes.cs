using System.Text.Json.Nodes;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules.Compiling;

/// <summary>
/// The graphs that Cloudflare is to have. A hand-written one is completed; the short form becomes one model element per provider, each leading to the end when it answers and to the next
/// provider when it does not. Same documents, same graph, ids included.
/// </summary>
internal static class DynamicRoutes
{
    // The longest that the proxy waits where nobody says anything (Proxy:AttemptTimeout).
    private const int DefaultTimeout = 120_000;

    private const string Start = "start";
    private const string End = "end";

    /// <summary>
    /// Those of <paramref name="merge"/>; what cannot become a graph is an error at the route's place. <paramref name="mayWait"/>: a route without any providers is left out instead.
    /// </summary>
    public static IReadOnlyList<CompiledDynamicRoute> Of(Merge merge, bool mayWait, ErrorList errors)
    {
        var routes = new List<CompiledDynamicRoute>();
        foreach (var (source, route) in merge.Routes.Where(route => !mayWait || merge.Providers.Count > 0 || !route.Value.IsCompiled))
        {
            var at = Subject.PlaceIn(source.Document, Subject.Of(route));
            var elements = route.Elements is { } written ? Completed(written) : FromProviders(route, merge, at, source.Id, errors);
            if (elements is not null)
                routes.Add(new CompiledDynamicRoute(route.Name, source.Id, elements));
        }

        return routes;
    }

    // Aliases resolved; a missing fallback leads to the end, which is what stopping there means; every element has outputs.
    private static JsonArray Completed(JsonArray written)
    {
        var elements = (JsonArray)written.DeepClone();
        var end = elements.First(element => (string?)element!["type"] == "end")!["id"]!;
        foreach (var element in elements.OfType<JsonObject>())
        {
            var outputs = (element["outputs"] ??= new JsonObject()).AsObject();
            var type = (string)element["type"]!;
            if (type is "rate" or "model" && outputs["fallback"] is null)
                outputs["fallback"] = new JsonObject { ["elementId"] = end.DeepClone() };
            if (type == "model")
                element["properties"]!["provider"] = ProviderCatalogue.SlugOf((string)element["properties"]!["provider"]!);
        }

        return elements;
    }

    private static JsonArray? FromProviders(DynamicRoute route, Merge merge, JsonPointer at, RevisionId source, ErrorList errors)
    {
        if (merge.Providers.Count == 0)
        {
            errors.Add(RuleSetErrorCodes.RouteProviders, at, $"The route {Quote.Text(route.Name)} of {source} is made from the providers, and no active rule set of this gateway gives \"providers\". Give some, or write the route's \"elements\".");
            return null;
        }

        var turns = Turns(merge).ToList();
        foreach (var provider in turns.Select(turn => turn.Provider).Where(provider => (provider.Model ?? route.Model) is null))
            errors.Add(RuleSetErrorCodes.RouteProviders, at, $"The route {Quote.Text(route.Name)} of {source} does not know what to ask {provider.Name} for: neither the provider nor the route gives a \"model\". Give one of them.");

        return
        [
            Element(Start, "start", null, ("next", IdOf(0))),
            .. turns.Select((turn, index) => Element(
                IdOf(index),
                "model",
                new JsonObject { ["provider"] = turn.Provider.Name, ["model"] = turn.Provider.Model ?? route.Model, ["timeout"] = turn.Provider.Timeout ?? DefaultTimeout, ["retries"] = turn.Attempts - 1 },
                ("success", End),
                ("fallback", index + 1 < turns.Count ? IdOf(index + 1) : End))),
            Element(End, "end", null),
        ];
    }

    // The proxy asks the providers in turn, and round again, as long as attempts are left. A graph cannot go round: each provider makes the attempts that it would have had, before the next.
    private static IEnumerable<(ProviderEntry Provider, int Attempts)> Turns(Merge merge)
    {
        var providers = merge.Fallback is { Enabled: true } ? merge.Providers : [merge.Providers[0]];
        var attempts = 1 + (merge.Fallback is { Enabled: true } fallback ? fallback.RetryCount ?? providers.Count - 1 : 0);
        return providers.Take(attempts).Select((provider, index) => (provider, (attempts / providers.Count) + (index < attempts % providers.Count ? 1 : 0)));
    }

    private static string IdOf(int turn) => $"attempt-{turn + 1}";

    private static JsonObject Element(string id, string type, JsonObject? properties, params (string Output, string Target)[] outputs)
    {
        var element = new JsonObject { ["id"] = id, ["type"] = type };
        if (properties is not null)
            element["properties"] = properties;
        element["outputs"] = new JsonObject(outputs.Select(output => KeyValuePair.Create(output.Output, (JsonNode?)new JsonObject { ["elementId"] = output.Target })));
        return element;
    }
}
