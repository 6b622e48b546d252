using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>The dynamic routes of one gateway. Safe for concurrent use; every method is one atomic step and returns the route after it.</summary>
public sealed class RouteStore(EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, RouteState> _routes = [];

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<RouteState> Routes
    {
        get
        {
            lock (_lock)
                return [.. _routes.Values];
        }
    }

    public RouteState? Find(string id)
    {
        lock (_lock)
            return _routes.GetValueOrDefault(id);
    }

    /// <summary>The graph that serves `dynamic/{name}`: the version deployed last. Null when there is no such route, or its version cannot run.</summary>
    public RouteGraph? FindDeployed(string name)
    {
        lock (_lock)
            return Named(name)?.Deployed.Graph;
    }

    /// <summary>A route with its first version, deployed. Null when the name is taken.</summary>
    public RouteState? Add(string name, JsonElement elements, RouteGraph? graph)
    {
        lock (_lock)
        {
            if (Named(name) is not null)
                return null;
            var now = clock.GetUtcNow();
            var version = new RouteVersion(Identifier.NewUuid(), elements, graph, now);
            var route = new RouteState
            {
                Id = Identifier.NewUuid(),
                Name = name,
                CreatedAt = now,
                ModifiedAt = now,
                Versions = [version],
                Deployments = [new RouteDeployment(Identifier.NewUuid(), version.Id, now)],
            };
            _routes.Add(route.Id, route);
            return route;
        }
    }

    /// <summary>Puts back a route of a snapshot. False when its id or its name is taken.</summary>
    public bool Restore(RouteState route)
    {
        lock (_lock)
            return Named(route.Name) is null && _routes.TryAdd(route.Id, route);
    }

    /// <summary>A route's own name is free for it. `Route` is null when there is none; otherwise the name is taken when `Renamed` is false.</summary>
    public (RouteState? Route, bool Renamed) Rename(string id, string name)
    {
        lock (_lock)
        {
            if (!_routes.TryGetValue(id, out var route))
                return (null, false);
            if (Named(name) is { } other && other.Id != id)
                return (route, false);
            return (_routes[id] = route with { Name = name, ModifiedAt = clock.GetUtcNow() }, true);
        }
    }

    /// <summary>Saves a graph that is not live. Null when there is no such route.</summary>
    public (RouteState Route, RouteVersion Version)? AddVersion(string id, JsonElement elements, RouteGraph? graph)
    {
        lock (_lock)
        {
            if (!_routes.TryGetValue(id, out var route))
                return null;
            var version = new RouteVersion(Identifier.NewUuid(), elements, graph, clock.GetUtcNow());
            _routes[id] = route = route with { Versions = [.. route.Versions, version], ModifiedAt = version.CreatedAt };
            return (route, version);
        }
    }

    /// <summary>Makes a version live; an older one is a rollback. Null when there is no such route, or the route has no such version.</summary>
    public RouteState? Deploy(string id, string versionId)
    {
        lock (_lock)
        {
            if (!_routes.TryGetValue(id, out var route) || route.FindVersion(versionId) is null)
                return null;
            var deployment = new RouteDeployment(Identifier.NewUuid(), versionId, clock.GetUtcNow());
            return _routes[id] = route with { Deployments = [.. route.Deployments, deployment], ModifiedAt = deployment.CreatedAt };
        }
    }

    /// <summary>Takes the route away with its versions.</summary>
    public RouteState? Remove(string id)
    {
        lock (_lock)
            return _routes.Remove(id, out var route) ? route : null;
    }

    private RouteState? Named(string name) => _routes.Values.FirstOrDefault(route => route.Name == name);
}
