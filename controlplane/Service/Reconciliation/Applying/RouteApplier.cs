using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Routes;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// Dynamic routes. Another graph is another version, which is then deployed: the route answers all the while. A version that is there already, because a run died between the two
/// calls or because the graph was that once before, is deployed again instead of made again.
/// </summary>
internal sealed class RouteApplier(CloudflareClient cloudflare, Journal journal) : IObjectApplier
{
    public Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken) => changes[0].Op switch
    {
        ChangeOp.Create => CreateAsync(application, changes[0], cancellationToken),
        ChangeOp.Update => UpdateAsync(application, changes[0], cancellationToken),
        _ => DeleteAsync(application, changes[0], cancellationToken),
    };

    private Task CreateAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var wanted = WantedOf(application, change);
        var graph = RouteGraph.Of(RouteElements.Merged(RouteElements.Of(null), wanted));
        return Creation.OrLookAgainAsync(change, journal.CallAsync(application.Held, application.Step(change, ChangeOp.Create, Payload.Of(wanted)),
            token => cloudflare.Routes.CreateAsync(application.Gateway, change.Key, graph, token), made => made.Id, cancellationToken));
    }

    private async Task UpdateAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var seen = await UnmovedAsync(application, change, cancellationToken) ?? throw new PlanStaleException($"route {change.Key} is gone");
        var elements = RouteElements.Merged(seen.Elements, WantedOf(application, change));
        var wanted = RouteElements.Of(elements);
        var version = await FindVersionAsync(application.Gateway, seen.Id, wanted, cancellationToken);
        if (version is null)
        {
            version = await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Update, Payload.Of(Payload.Version, wanted)),
                token => cloudflare.Routes.CreateVersionAsync(application.Gateway, seen.Id, RouteGraph.Of(elements), token), _ => null, cancellationToken)
                // The answer was lost, and the version was found.
                ?? await FindVersionAsync(application.Gateway, seen.Id, wanted, cancellationToken)
                ?? throw new PlanStaleException($"the new version of route {change.Key} is gone");
        }

        if (version.IsValid == false)
        {
            throw new ChangesRefusedException($"Cloudflare took the graph of route {change.Key} as version {version.Id} and calls it invalid, so it is not deployed: correct the route's elements");
        }

        await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Update, Payload.Of(Payload.Deployment, wanted)),
            token => cloudflare.Routes.DeployAsync(application.Gateway, seen.Id, version.Id, token), _ => seen.Id, cancellationToken);
    }

    private async Task DeleteAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var id = (await UnmovedAsync(application, change, cancellationToken))?.Id ?? SeenOf(application, change).Id;
        await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Delete, id),
            token => cloudflare.Routes.DeleteAsync(application.Gateway, id, token), _ => null, cancellationToken);
    }

    /// <summary>The route as the plan saw it; null when it is gone.</summary>
    private async Task<ObservedRoute?> UnmovedAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var seen = SeenOf(application, change);
        if (await cloudflare.Routes.FindAsync(application.Gateway, seen.Id, cancellationToken) is not { } live)
        {
            return null;
        }

        var now = GatewayObserver.Observed(live);
        return now.Name == seen.Name && Payload.Of(now.Elements) == Payload.Of(seen.Elements) ? now : throw new PlanStaleException($"route {change.Key} is no longer as it was");
    }

    /// <summary>The newest version with this graph. Lists may leave the graphs out: then only the newest version is read, the one that a dead run may have made.</summary>
    private async Task<RouteVersion?> FindVersionAsync(string gateway, string routeId, IReadOnlyDictionary<string, FieldValue> wanted, CancellationToken cancellationToken)
    {
        var payload = Payload.Of(wanted);
        var versions = await cloudflare.Routes.ListVersionsAsync(gateway, routeId, cancellationToken).OrderByDescending(version => version.CreatedAt).ToListAsync(cancellationToken);
        foreach (var (version, index) in versions.Select((version, index) => (version, index)))
        {
            var graph = version.Graph ?? (index == 0 ? (await cloudflare.Routes.FindVersionAsync(gateway, routeId, version.Id, cancellationToken))?.Graph : null);
            if (graph is not null && Payload.Of(RouteElements.Of(graph.ToJson())) == payload)
            {
                return version;
            }
        }

        return null;
    }

    private static ObservedRoute SeenOf(Application application, Change change) => application.Observed.Routes.Single(route => route.Name == change.Key);

    private static IReadOnlyDictionary<string, FieldValue> WantedOf(Application application, Change change) =>
        application.Desired.Routes.Single(route => route.Name == change.Key).Elements;
}
