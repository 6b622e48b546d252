using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`runs`: what the reconciler did, newest first.</summary>
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
        Column.Of("revision", "revision"),
        Column.Time("started", "startedAt"),
        new("took", Took),
        Column.Of("error", "error"));

    public static Command Build(Shell shell)
    {
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only this gateway." };
        var trigger = new Option<string?>("--trigger") { Description = "Only runs that began for this reason: execute, rollback, interval, signal, keys, resume, create." };
        var outcome = new Option<string?>("--outcome") { Description = "Only runs that ended so: succeeded, failed, interrupted, running." };
        var limit = new Option<int>("--limit") { Description = "How many runs.", DefaultValueFactory = _ => 20 };
        var verb = new Command("runs", "What the reconciler did, newest first.") { gateway, trigger, outcome, limit };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = Pages.Query("/api/v1/runs", ("gateway", call.Optional(gateway)), ("trigger", call.Optional(trigger)), ("outcome", call.Optional(outcome)));
            call.Writer.Write(await Pages.FirstAsync(call.Api, path, "runs", call.Value(limit), cancellationToken), Runs);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static string Took(JsonNode run) =>
        DateTimeOffset.TryParse(Cell.Text(run["startedAt"]), CultureInfo.InvariantCulture, out var started)
        && DateTimeOffset.TryParse(Cell.Text(run["finishedAt"]), CultureInfo.InvariantCulture, out var finished)
            ? string.Create(CultureInfo.InvariantCulture, $"{(finished - started).TotalSeconds:0.00}s")
            : "-";
}
