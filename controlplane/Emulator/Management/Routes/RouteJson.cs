using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Routes;

/// <summary>Dynamic routes as answers show them: each operation has members of its own (contract section 5).</summary>
public sealed class RouteJson(EmulatorOptions options)
{
    /// <summary>With the deployment and the deployed version, and its graph inside the version.</summary>
    public JsonObject Full(GatewayState gateway, RouteState route, bool elements)
    {
        var json = Head(gateway, route);
        if (elements)
            json["elements"] = Node(route.Deployed.Elements);
        json["deployment"] = Deployment(route.Deployments[^1]);
        json["version"] = Version(route, route.Deployed);
        return json;
    }

    /// <summary>With the graph alone.</summary>
    public static JsonObject WithElements(GatewayState gateway, RouteState route)
    {
        var json = Head(gateway, route);
        json["elements"] = Node(route.Deployed.Elements);
        return json;
    }

    /// <summary>Without any graph.</summary>
    public JsonObject Listed(GatewayState gateway, RouteState route)
    {
        var json = Full(gateway, route, elements: false);
        json["account_tag"] = gateway.AccountId;
        json["version"]!.AsObject().Remove("data");
        return json;
    }

    public JsonObject Renamed(GatewayState gateway, RouteState route)
    {
        var json = Full(gateway, route, elements: false);
        json["account_tag"] = gateway.AccountId;
        return json;
    }

    /// <summary>A version as the result of its own operations.</summary>
    public JsonObject VersionResult(GatewayState gateway, RouteState route, RouteVersion version)
    {
        var json = Head(gateway, route);
        json["elements"] = Node(version.Elements);
        foreach (var (name, value) in Version(route, version))
            json[name] = value?.DeepClone();
        return json;
    }

    public JsonObject Version(RouteState route, RouteVersion version)
    {
        var active = route.Deployed == version;
        var documented = options.Assumptions.RouteVersionsAsDocumented;
        return new JsonObject
        {
            ["version_id"] = version.Id,
            ["created_at"] = JsonText.Time(version.CreatedAt),
            ["active"] = documented ? active ? "true" : "false" : active,
            ["data"] = documented ? version.Elements.GetRawText() : Node(version.Elements),
            ["is_valid"] = version.Graph is not null,
        };
    }

    public static JsonObject Deployment(RouteDeployment deployment) => new()
    {
        ["deployment_id"] = deployment.Id,
        ["version_id"] = deployment.VersionId,
        ["created_at"] = JsonText.Time(deployment.CreatedAt),
    };

    private static JsonObject Head(GatewayState gateway, RouteState route) => new()
    {
        ["id"] = route.Id,
        ["name"] = route.Name,
        ["gateway_id"] = gateway.Id,
        ["created_at"] = JsonText.Time(route.CreatedAt),
        ["modified_at"] = JsonText.Time(route.ModifiedAt),
    };

    private static JsonArray Node(JsonElement elements) => JsonArray.Create(elements)!;
}
