using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Routes;

/// <summary>`…/gateways/{gateway}/routes`: dynamic routes, their versions and deployments. Lists and renames answer in shapes of their own. Source: Cloudflare contract, section 5.</summary>
public sealed class RouteClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal RouteClient(Transport transport) => _transport = transport;

    /// <summary>Without graphs. NotFound when there is no such gateway.</summary>
    public IAsyncEnumerable<Route> ListAsync(string gatewayId, CancellationToken cancellationToken) =>
        _transport.ListAsync(_transport.To(Endpoints.Routes.List, gatewayId), PerPage, root => root.Member("data").Member("routes"), Route.Read, cancellationToken);

    /// <summary>Null when there is no such route.</summary>
    public Task<Route?> FindAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Routes.Find, gatewayId, id), Route.Read, cancellationToken);

    /// <summary>Makes the route and its first version, and deploys that. AlreadyExists when the gateway has a route of this name.</summary>
    public Task<Route> CreateAsync(string gatewayId, string name, RouteGraph graph, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Routes.Create, gatewayId).With(new JsonObject { ["name"] = name, ["elements"] = Elements(graph) }), Route.Read, cancellationToken);

    public Task<Route> RenameAsync(string gatewayId, string id, string name, CancellationToken cancellationToken) =>
        _transport.SendWholeAsync(_transport.To(Endpoints.Routes.Rename, gatewayId, id).With(new JsonObject { ["name"] = name }),
            root => Route.Read(root.Member("route") is { ValueKind: JsonValueKind.Object } route ? route : root.Member("result")), cancellationToken);

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Routes.Delete, gatewayId, id), cancellationToken);

    public IAsyncEnumerable<RouteVersion> ListVersionsAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.ListWholeAsync(_transport.To(Endpoints.Routes.ListVersions, gatewayId, id), root => root.Member("data").Member("versions"), RouteVersion.Read, cancellationToken);

    /// <summary>Null when there is no such version.</summary>
    public Task<RouteVersion?> FindVersionAsync(string gatewayId, string id, string versionId, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Routes.FindVersion, gatewayId, id, versionId), RouteVersion.Read, cancellationToken);

    /// <summary>Not at work until it is deployed.</summary>
    public async Task<RouteVersion> CreateVersionAsync(string gatewayId, string id, RouteGraph graph, CancellationToken cancellationToken)
    {
        var made = await _transport.SendAsync(_transport.To(Endpoints.Routes.CreateVersion, gatewayId, id).With(new JsonObject { ["elements"] = Elements(graph) }), RouteVersion.Read, cancellationToken);
        if (made.Id.Length > 0) return made;
        // The documents name only the route in this answer: the newest version is the one just made.
        RouteVersion? newest = null;
        await foreach (var version in ListVersionsAsync(gatewayId, id, cancellationToken))
            if (newest is null || version.CreatedAt > newest.CreatedAt) newest = version;
        return newest ?? throw new CloudflareException(CloudflareErrorKind.Protocol, $"{Endpoints.Routes.CreateVersion}: the version was made, but no list shows it");
    }

    public IAsyncEnumerable<RouteDeployment> ListDeploymentsAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.ListWholeAsync(_transport.To(Endpoints.Routes.ListDeployments, gatewayId, id), root => root.Member("data").Member("deployments"), RouteDeployment.Read, cancellationToken);

    /// <summary>Puts a version to work, in the place of the one that is.</summary>
    public Task<Route> DeployAsync(string gatewayId, string id, string versionId, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Routes.Deploy, gatewayId, id).With(new JsonObject { ["version_id"] = versionId }), Route.Read, cancellationToken);

    private JsonArray Elements(RouteGraph graph)
    {
        var end = _transport.Options.Assumptions.FallbackLeadsToEnd ? graph.Elements.OfType<EndElement>().FirstOrDefault()?.Id : null;
        return new([.. graph.Elements.Select(element => RouteElementText.Write(element, end))]);
    }
}
