using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Routes;

/// <summary>A dynamic route, called as the model `dynamic/{Name}`. `Graph` is that of the version beside it; lists have none. `Fields` is the whole object as received.</summary>
public sealed record Route(string Id, string Name, JsonObject Fields)
{
    public string? GatewayId { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? ModifiedAt { get; init; }
    public RouteDeployment? Deployment { get; init; }
    public RouteVersion? Version { get; init; }
    public RouteGraph? Graph { get; init; }

    internal static Route Read(JsonElement element)
    {
        var version = element.Member("version").ValueKind == JsonValueKind.Object ? RouteVersion.Read(element.Member("version")) : null;
        return new(element.RequiredText("id"), element.Text("name") ?? "", element.Fields())
        {
            GatewayId = element.Text("gateway_id"),
            CreatedAt = element.Time("created_at"),
            ModifiedAt = element.Time("modified_at"),
            Deployment = element.Member("deployment").ValueKind == JsonValueKind.Object ? RouteDeployment.Read(element.Member("deployment")) : null,
            Version = version,
            Graph = version?.Graph ?? RouteGraph.Read(element.Member("elements")),
        };
    }
}

/// <summary>A state of a route's graph. `IsActive`: the deployed one. `IsValid` is null where Cloudflare does not say.</summary>
public sealed record RouteVersion(string Id)
{
    public DateTimeOffset? CreatedAt { get; init; }
    public bool IsActive { get; init; }
    public bool? IsValid { get; init; }
    public RouteGraph? Graph { get; init; }

    internal static RouteVersion Read(JsonElement element) => new(element.Text("version_id") ?? element.Member("version").Text("version_id") ?? "")
    {
        CreatedAt = element.Time("created_at"),
        IsActive = element.Flag("active") ?? element.Member("version").Flag("active") ?? false,
        IsValid = element.Flag("is_valid") ?? element.Member("version").Flag("is_valid"),
        Graph = RouteGraph.Read(element.Member("data")) ?? RouteGraph.Read(element.Member("elements")) ?? RouteGraph.Read(element.Member("version").Member("data")),
    };
}

/// <summary>That a version was put to work. A rollback is a deployment of an older version.</summary>
public sealed record RouteDeployment(string Id, string VersionId, DateTimeOffset? CreatedAt)
{
    internal static RouteDeployment Read(JsonElement element) => new(element.RequiredText("deployment_id"), element.RequiredText("version_id"), element.Time("created_at"));
}
