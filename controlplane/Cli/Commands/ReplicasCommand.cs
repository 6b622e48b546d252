using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`replicas`: who serves, and which revisions each has loaded.</summary>
public static class ReplicasCommand
{
    private static readonly Table Replicas = new(
        "replicas",
        "id",
        "No replica has told of itself yet.",
        Column.Of("id", "id"),
        Column.Of("build", "build"),
        Column.Time("started", "startedAt"),
        Column.Time("seen", "seenAt"),
        new("loaded", row => row["loaded"] is JsonObject { Count: > 0 } loaded ? string.Join(", ", loaded.Select(gateway => $"{gateway.Key}={Cell.Text(gateway.Value)}")) : "-"),
        Column.Of("behind on", "behind"));

    public static Command Build(Shell shell)
    {
        var verb = new Command("replicas", "The replicas of the service, and which revisions each has loaded.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, "/api/v1/replicas", "replicas", cancellationToken), Replicas);
            return ExitCodes.Ok;
        });
        return verb;
    }
}
