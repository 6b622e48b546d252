using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>What the reconciler did, newest first; `reconcile` asks it to look now.</summary>
public static class RunsCommand
{
    public static readonly Table Runs = new(
        "runs",
        "id",
        "No runs yet.",
        Column.Of("id", "id"),
        Column.Of("gateway", "gateway"),
        Column.Of("trigger", "trigger"),
        Column.Of("outcome", "outcome"),
        new("changes", row => ((row["changes"] as JsonArray)?.Count ?? 0).ToString()),
        Column.Of("started", "startedAt"));

    public static Command Build(Shell shell)
    {
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only this gateway." };
        var limit = new Option<int>("--limit") { Description = "How many runs, 1 to 200.", DefaultValueFactory = _ => 20 };
        var verb = new Command("runs", "What the reconciler did, newest first.") { gateway, limit };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var filter = call.Optional(gateway) is { } id ? $"&gateway={Uri.EscapeDataString(id)}" : "";
            call.Writer.Write(await call.Api.GetAsync($"/api/v1/runs?limit={call.Value(limit)}{filter}", cancellationToken), Runs);
            return ExitCodes.Ok;
        });
        return verb;
    }
}
