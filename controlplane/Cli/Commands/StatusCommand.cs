using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`status`: is the service there, which gateways are ready, how much went through.</summary>
public static class StatusCommand
{
    private static readonly Table Status = new(
        "",
        "state",
        "",
        Column.Of("state", "state"),
        new("version", Version),
        Column.Of("gateways", "gateways"),
        Column.Of("requests (24h)", "requests"),
        Column.Of("cache hits", "cacheHits"));

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
            call.Writer.Write(answer, Status);
            foreach (var gateway in list.Where(gateway => !Ready(gateway)))
            {
                call.Writer.Message($"gateway {Cell.Text(gateway?["gateway"])} is not ready: {Cell.Text(GatewayPrinter.Find(gateway, "Ready")?["message"] ?? "it was not looked at yet")}");
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    // A gateway of the account that nothing is desired of is never looked at, and no reason for concern.
    private static bool Ready(JsonNode? gateway) =>
        (Cell.Text(gateway?["desired"]) == "none" && GatewayPrinter.Find(gateway, "Ready") is null) || Cell.Text(GatewayPrinter.Find(gateway, "Ready")?["status"]) == "True";

    // 0.1.0+ and the commit, of which seven digits tell enough.
    private static string Version(JsonNode row) =>
        Cell.Text(row["version"]).Split('+', 2) is [var version, var commit] ? $"{version}+{commit[..Math.Min(7, commit.Length)]}" : Cell.Text(row["version"]);
}
