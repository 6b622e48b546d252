using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`logs`: the gateways' own log rows as they were polled, newest first; with --follow the new ones below, as they come.</summary>
public static class LogsCommand
{
    // The most that the service gives at once.
    private const int Page = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly Table Logs = new(
        "logs",
        "id",
        "No logs available yet",
        Column.Time("time", "createdAt"),
        Column.Of("gateway", "gateway"),
        Column.Of("provider", "provider"),
        Column.Of("model", "model"),
        Column.Of("status", "statusCode"),
        Column.Of("cached", "cached"),
        Column.Of("ms", "durationMs"),
        Column.Of("tokens in", "tokensIn"),
        Column.Of("tokens out", "tokensOut"),
        Column.Of("cost usd", "costUsd"),
        Column.Of("request", "requestId"));

    public static Command Build(Shell shell)
    {
        var tail = new Option<int>("--tail") { Description = "How many rows.", DefaultValueFactory = _ => 50 };
        var follow = new Option<bool>("--follow") { Description = "Go on and print new rows as they come, one on a line, until it is stopped." };
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only this gateway." };
        var verb = new Command("logs", "Log rows of the gateways, newest first; with --follow oldest first.") { tail, follow, gateway };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = Pages.Query("/api/v1/logs", ("gateway", call.Optional(gateway)));
            if (call.Optional(follow))
            {
                await FollowAsync(call, path, call.Value(tail), cancellationToken);
            }
            else
            {
                call.Writer.Write(await Pages.FirstAsync(call.Api, path, "logs", call.Value(tail), cancellationToken), Logs);
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    // Rows come late and out of order, so a row is new when its id was not met before. The service answers newest first: pages are read down to one that
    // holds a row which was met, and what is in it below that row are latecomers.
    private static async Task FollowAsync(Call call, string path, int tail, CancellationToken cancellationToken)
    {
        var met = new Met();
        var rows = Cell.Items((await Pages.FirstAsync(call.Api, path, "logs", Math.Max(tail, Page), cancellationToken))["logs"]).ToList();
        if (rows.Count == 0)
        {
            call.Writer.Message(Logs.Empty);
        }

        foreach (var row in met.New(rows).Take(tail).Reverse())
        {
            PrintRow(call.Writer, row);
        }

        while (true)
        {
            await Task.Delay(Interval, cancellationToken);
            foreach (var row in met.New(await NewestAsync(call, path, met, cancellationToken)).Reverse())
            {
                PrintRow(call.Writer, row);
            }
        }
    }

    private static async Task<List<JsonNode>> NewestAsync(Call call, string path, Met met, CancellationToken cancellationToken)
    {
        var rows = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await call.Api.GetAsync(Pages.Query(path, ("limit", $"{Page}"), ("cursor", cursor)), cancellationToken);
            rows.AddRange(Cell.Items(page["logs"]));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null && met.Any && !rows.Exists(met.Holds));

        return rows;
    }

    private static void PrintRow(OutputWriter writer, JsonNode row)
    {
        switch (writer.Format)
        {
            case OutputFormat.Table:
                writer.Line(string.Join("  ", Logs.Columns.Select(column => column.Text(row) ?? "-")));
                break;
            case OutputFormat.Name:
                writer.Line(Logs.NameOf(row));
                break;
            case OutputFormat.Yaml:
                writer.Write(new JsonArray(row.DeepClone()), Logs);
                break;
            default:
                writer.JsonLine(row);
                break;
        }
    }

    // The ids of the last rows; bounded, since this may run for days.
    private sealed class Met
    {
        private const int Most = 10_000;

        private readonly HashSet<string> _ids = [];
        private readonly Queue<string> _order = [];

        public bool Any => _ids.Count > 0;

        public bool Holds(JsonNode row) => _ids.Contains(Id(row));

        public IReadOnlyList<JsonNode> New(IEnumerable<JsonNode> rows)
        {
            var fresh = rows.Where(row => _ids.Add(Id(row))).ToList();
            foreach (var row in fresh)
            {
                _order.Enqueue(Id(row));
            }

            while (_order.Count > Most)
            {
                _ids.Remove(_order.Dequeue());
            }

            return fresh;
        }

        private static string Id(JsonNode row) => $"{Cell.Text(row["gateway"])}/{Cell.Text(row["id"])}";
    }
}
