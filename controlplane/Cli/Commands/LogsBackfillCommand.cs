using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`logs backfill`: reads a past stretch of a gateway's log again, and tells how far that is.</summary>
public static class LogsBackfillCommand
{
    private const string Path = "/api/v1/logs/backfill";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Table Backfill = new(
        "",
        "id",
        "No such backfill.",
        Column.Of("id", "id"),
        Column.Of("gateway", "gateway"),
        Column.Of("source", "source"),
        Column.Time("from", "from"),
        Column.Time("to", "to"),
        Column.Of("status", "status"),
        Column.Of("progress", "progress"),
        Column.Of("read", "rowsRead"),
        Column.Of("added", "rowsAdded"),
        Column.Of("error", "error"));

    public static Command Build(Shell shell)
    {
        var gateway = new Option<string>("--gateway", "-g") { Description = "The gateway.", Required = true };
        var from = new Option<DateTimeOffset>("--from") { Description = "Beginning, as 2026-11-20T00:00:00Z.", Required = true };
        var to = new Option<DateTimeOffset>("--to") { Description = "End.", Required = true };
        var source = new Option<string?>("--source") { Description = "logs or telemetry; without it the one that the gateway is polled by." }.AcceptOnlyFromAmong("logs", "telemetry");
        var wait = new Option<bool>("--wait") { Description = "Wait until it has ended, and tell how far it is on stderr." };
        var verb = new Command("backfill", "Read a past stretch of a gateway's log again.") { gateway, from, to, source, wait };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var body = new JsonObject { ["gateway"] = call.Value(gateway), ["from"] = call.Value(from).UtcDateTime.ToString("O"), ["to"] = call.Value(to).UtcDateTime.ToString("O") };
            if (call.Optional(source) is { } named)
            {
                body["source"] = named;
            }

            var found = await call.Api.PostAsync(Path, body, cancellationToken);
            var id = Cell.Text(found["id"]);
            while (call.Optional(wait) && Cell.Text(found["status"]) == "running")
            {
                call.Writer.Message($"{Cell.Text(found["progress"])} of the time, {Cell.Text(found["rowsRead"])} rows read, {Cell.Text(found["rowsAdded"])} new");
                await Task.Delay(Interval, cancellationToken);
                found = await call.Api.GetAsync($"{Path}/{id}", cancellationToken);
            }

            call.Writer.Write(found, Backfill);
            return Cell.Text(found["status"]) is "failed" or "cancelled"
                ? throw new CliException($"The backfill {Cell.Text(found["status"])}: {Cell.Text(found["error"])}", $"gatewayops logs backfill --gateway {call.Value(gateway)} --from {Cell.Text(found["through"])} --to {Cell.Text(found["to"])}")
                : ExitCodes.Ok;
        });
        return verb;
    }
}
