using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>A dynamic route of a gateway with all its versions and deployments, each in order of creation (contract section 5).</summary>
public sealed record RouteState
{
    public required string Id { get; init; }
    /// <summary>Unique in the gateway: requests name it as `dynamic/{name}`.</summary>
    public required string Name { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ModifiedAt { get; init; }
    /// <summary>Never empty.</summary>
    public required IReadOnlyList<RouteVersion> Versions { get; init; }
    /// <summary>The last one is live. Never empty: a new route is deployed.</summary>
    public required IReadOnlyList<RouteDeployment> Deployments { get; init; }

    public RouteVersion Deployed => FindVersion(Deployments[^1].VersionId)!;

    public RouteVersion? FindVersion(string id) => Versions.FirstOrDefault(version => version.Id == id);
}

/// <summary>
/// A graph that was saved. `Elements` is the array as it was sent; `Graph` is what of it runs, null where the emulator was told to keep graphs
/// that break a rule.
/// </summary>
public sealed record RouteVersion(string Id, JsonElement Elements, RouteGraph? Graph, DateTimeOffset CreatedAt);

public sealed record RouteDeployment(string Id, string VersionId, DateTimeOffset CreatedAt);
