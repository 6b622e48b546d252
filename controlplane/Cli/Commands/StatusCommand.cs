using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`status`: is the service there, which gateways are ready, how much went through.</summary>
public static class StatusCommand
{
    public static Command Build(Shell shell)
    {
        var verb = new Command("status", "The service, its gateways, requests and cache hits.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var version = await call.Api.GetAsync("/version", cancellationToken);
            var gateways = await call.Api.GetAsync("/api/v1/gateways", cancellationToken);
            var usage = await call.Api.GetAsync("/api/v1/usage?by=provider", cancellationToken);
            var list = gateways["gateways"] as JsonArray ?? [];
            var answer = new JsonObject
            {
                ["state"] = list.Count == 0 ? "inactive" : list.All(Ready) ? "healthy" : "degraded",
                ["version"] = version["version"]?.DeepClone(),
                ["gateways"] = new JsonArray([.. list.Select(gateway => gateway?["gateway"]?.DeepClone())]),
                ["requests"] = usage["total"]?["requests"]?.DeepClone(),
                ["cacheHits"] = usage["total"]?["cacheHits"]?.DeepClone(),
            };
            call.Writer.Write(answer, new Table("", "state", "", Column.Of("state", "state"), Column.Of("version", "version"), Column.Of("gateways", "gateways"), Column.Of("requests", "requests"), Column.Of("cache hits", "cacheHits")));
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static bool Ready(JsonNode? gateway) =>
        (gateway?["conditions"] as JsonArray ?? []).Any(condition => Cell.Text(condition?["type"]) == "Ready" && Cell.Text(condition?["status"]) == "True");
}
