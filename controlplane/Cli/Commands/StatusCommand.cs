using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
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
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only this gateway; default: all of the account." };
        var verb = new Command("status", "The state of the service and its gateways, with their requests and cache hits: healthy, degraded, inactive, not-configured or unknown.") { gateway };
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var address = shell.Address(parse);
                var writer = shell.Writer(parse);
                using var api = new ControlPlaneApi(address);
                JsonNode version;
                try
                {
                    version = await api.GetAsync("/version", cancellationToken);
                }
                catch (ServiceUnreachableException e)
                {
                    var (state, exit, message, next) = Absence(address, Credentials.Find(shell.Surroundings), e);
                    writer.Write(Answer(state, version: null, [], usage: null, []), Status);
                    writer.Message($"{message}\nnext:  {next}");
                    return exit;
                }

                var gateways = await Pages.AllAsync(api, "/api/v1/gateways", "gateways", cancellationToken);
                var usage = await api.GetAsync("/api/v1/usage?by=provider", cancellationToken);
                return Present(writer, version, [.. Cell.Items(gateways["gateways"])], parse.GetValue(gateway), usage);
            },
            new Exits(ExitCodes.Failed, "0 healthy or inactive, 1 degraded, unknown or failed, 3 not configured"));
        return verb;
    }

    private static int Present(OutputWriter writer, JsonNode version, List<JsonNode> all, string? only, JsonNode usage)
    {
        var gateways = all.Where(gateway => only is null || Cell.Text(gateway["gateway"]) == only).ToList();
        var concerns = gateways.SelectMany(gateway => GatewayPrinter.Concerns(gateway).Select(concern => (Gateway: Cell.Text(gateway["gateway"]), Concern: concern))).ToList();
        // A gateway that was deleted under us is a concern, and no reason to call the rest inactive.
        var state = gateways.Count == 0 ? "inactive"
            : gateways.TrueForAll(gateway => gateway["exists"] is null) ? "unknown"
            : concerns.Exists(found => found.Concern.Breaks) ? "degraded"
            : "healthy";
        writer.Write(
            Answer(
                state,
                version["version"],
                gateways.Select(gateway => Cell.Text(gateway["gateway"])),
                usage["total"],
                concerns.Select(found => new JsonObject { ["gateway"] = found.Gateway, ["type"] = found.Concern.Type, ["reason"] = found.Concern.Reason, ["message"] = found.Concern.Message })),
            Status);
        foreach (var (gateway, concern) in concerns)
        {
            writer.Message($"gateway {gateway} is {concern.Word}: {concern.Message}");
        }

        switch (state)
        {
            case "inactive":
                writer.Message($"{(only is null ? "The account has no gateway yet" : $"Cloudflare has no gateway {only}")}.\nnext:  {(only is null ? "gatewayops start" : $"gatewayops gateway create {only}")}");
                return ExitCodes.Ok;
            case "unknown":
                writer.Message("Cloudflare cannot be asked.\nnext:  gatewayops doctor");
                return ExitCodes.Failed;
            case "degraded":
                writer.Message("next:  gatewayops gateway show ID");
                return ExitCodes.Failed;
            default:
                return ExitCodes.Ok;
        }
    }

    /// <summary>What is told when nobody answers: there is nothing yet where nothing was named; where a service was named, it is away and its state is not known. Pure.</summary>
    public static (string State, int Exit, string Message, string Next) Absence(ServiceAddress address, Credentials credentials, ServiceUnreachableException e) => (address.IsNamed, credentials.AreComplete) switch
    {
        (true, _) => ("unknown", ExitCodes.Failed, e.Message, e.Next),
        (_, true) => ("inactive", ExitCodes.Ok, $"No service runs at {address.Url}; Cloudflare credentials are there ({credentials.Told}).", $"gatewayops serve, or set {ServiceAddress.UrlVariable} to where it runs"),
        _ => (
            "not-configured",
            ExitCodes.NotConfigured,
            $"{Credentials.NotConfigured}: {(credentials.AreMissing ? "no Cloudflare credentials were found" : credentials.Told)}, and no service runs at {address.Url}.",
            $"{credentials.Fix}, then gatewayops serve; or gatewayops dev, which needs no account"),
    };

    private static JsonObject Answer(string state, JsonNode? version, IEnumerable<string> gateways, JsonNode? usage, IEnumerable<JsonNode> conditions) => new()
    {
        ["state"] = state,
        ["version"] = version?.DeepClone(),
        ["gateways"] = new JsonArray([.. gateways.Select(gateway => (JsonNode)gateway)]),
        ["requests"] = usage?["requests"]?.DeepClone(),
        ["cacheHits"] = usage?["cacheHits"]?.DeepClone(),
        ["conditions"] = new JsonArray([.. conditions]),
    };

    // 0.1.0+ and the commit, of which seven digits tell enough.
    private static string Version(JsonNode row) =>
        Cell.Text(row["version"]).Split('+', 2) is [var version, var commit] ? $"{version}+{commit[..Math.Min(7, commit.Length)]}" : Cell.Text(row["version"]);
}
