using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`logs`: the gateways' own log rows as they were polled, or the proxy's records, newest first; with --follow the new ones below, as they come.</summary>
public static class LogsCommand
{
    // The most that the service gives at once.
    private const int Page = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly Source Gateway = new("/api/v1/logs", new(
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
        Column.Of("request", "requestId")));

    private static readonly Source Proxy = new("/api/v1/requests", new(
        "requests",
        "id",
        "No logs available yet",
        Column.Time("time", "at"),
        Column.Of("gateway", "gateway"),
        Column.Of("provider", "provider"),
        Column.Of("model", "model"),
        Column.Of("status", "status"),
        Column.Of("outcome", "outcome"),
        Column.Of("cache", "cache"),
        Column.Of("ms", "durationMs"),
        Column.Of("tokens in", "tokensIn"),
        Column.Of("tokens out", "tokensOut"),
        Column.Of("cost usd", "costUsd"),
        Column.Of("key", "virtualKey"),
        Column.Of("session", "sessionId"),
        Column.Of("request", "requestId")));

    public static Command Build(Shell shell)
    {
        var tail = new Option<int>("--tail") { Description = "How many rows.", DefaultValueFactory = _ => 50 };
        var follow = new Option<bool>("--follow") { Description = "Go on and print new rows as they come, one on a line, until it is stopped." };
        var source = new Option<string>("--source") { Description = "gateway: what the gateways logged; proxy: what the proxy recorded.", DefaultValueFactory = _ => "gateway" }.AcceptOnlyFromAmong("gateway", "proxy");
        var outcome = new Option<string?>("--outcome") { Description = "Only this outcome, as ok or upstream_error; with --source proxy." };
        var until = new Option<string?>("--until") { Description = "Where the span ends, as --since." };
        (Option<string?> Option, string Parameter)[] filters =
        [
            (new("--gateway", "-g") { Description = "Only this gateway." }, "gateway"),
            (new("--provider", "-p") { Description = "Only this provider." }, "provider"),
            (new("--model") { Description = "Only this model." }, "model"),
            (new("--status") { Description = "Only this status, as 429, or this class, as 5xx." }, "status"),
            (outcome, "outcome"),
            (new("--since") { Description = "A span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z." }, "since"),
            (until, "until"),
            (new("--request-id") { Description = "Only the request of this id (x-request-id)." }, "requestId"),
            (new("--session") { Description = "Only requests of this session (x-session-id)." }, "session"),
            (new("--virtual-key") { Description = "Only the virtual key of this name." }, "key"),
        ];
        var verb = new Command("logs", "Log rows of the gateways, or records of the proxy, newest first; with --follow oldest first.") { tail, follow, source };
        foreach (var (option, _) in filters)
        {
            verb.Options.Add(option);
        }

        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var from = call.Value(source) == "proxy" ? Proxy : Gateway;
            if (from == Gateway && call.Optional(outcome) is not null)
            {
                throw new CliException("The gateways' log rows have no outcome.", "add --source proxy, or filter by --status");
            }

            if (call.Optional(follow) && call.Optional(until) is not null)
            {
                throw new CliException("--follow has no end, and --until is one.", "leave one of them out");
            }

            var path = Pages.Query(from.Path, [.. filters.Select(filter => (filter.Parameter, call.Optional(filter.Option)))]);
            if (call.Optional(follow))
            {
                await FollowAsync(call, from, path, call.Value(tail), cancellationToken);
            }
            else
            {
                var isNarrowed = filters.Any(filter => filter.Parameter != "gateway" && call.Optional(filter.Option) is not null);
                var logs = await Pages.FirstAsync(call.Api, path, from.Table.Rows, call.Value(tail), cancellationToken);
                call.Writer.Write(logs, isNarrowed ? from.Table with { Empty = "No log row is like that (within the last 24 hours, unless --since says more)." } : from.Table);
            }

            return ExitCodes.Ok;
        });
        verb.Subcommands.Add(LogsBackfillCommand.Build(shell));
        return verb;
    }

    // Rows come late and out of order, so a row is new when its id was not met before. The service answers newest first: pages are read down to one that
    // holds a row which was met, and what is in it below that row are latecomers.
    private static async Task FollowAsync(Call call, Source source, string path, int tail, CancellationToken cancellationToken)
    {
        var met = new Met();
        var rows = Cell.Items((await Pages.FirstAsync(call.Api, path, source.Table.Rows, Math.Max(tail, Page), cancellationToken))[source.Table.Rows]).ToList();
        if (rows.Count == 0)
        {
            call.Writer.Message(source.Table.Empty);
        }

        foreach (var row in met.New(rows).Take(tail).Reverse())
        {
            PrintRow(call.Writer, source.Table, row);
        }

        var isAway = false;
        while (true)
        {
            await Task.Delay(Interval, cancellationToken);
            try
            {
                foreach (var row in met.New(await NewestAsync(call, source, path, met, cancellationToken)).Reverse())
                {
                    PrintRow(call.Writer, source.Table, row);
                }

                isAway = false;
            }
            catch (CliException e) when (e is ServiceUnreachableException or ServiceNotReadyException)
            {
                // A service that is started anew is no end of its logs.
                if (!isAway)
                {
                    call.Writer.Message($"{e.Message} Trying again until it is stopped.");
                }

                isAway = true;
            }
        }
    }

    private static async Task<List<JsonNode>> NewestAsync(Call call, Source source, string path, Met met, CancellationToken cancellationToken)
    {
        var rows = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await call.Api.GetAsync(Pages.Query(path, ("limit", $"{Page}"), ("cursor", cursor)), cancellationToken);
            rows.AddRange(Cell.Items(page[source.Table.Rows]));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null && met.Any && !rows.Exists(met.Holds));

        return rows;
    }

    private static void PrintRow(OutputWriter writer, Table table, JsonNode row)
    {
        switch (writer.Format)
        {
            case OutputFormat.Table:
                writer.Line(string.Join("  ", table.Columns.Select(column => column.Text(row) ?? "-")));
                break;
            case OutputFormat.Name:
                writer.Line(table.NameOf(row));
                break;
            case OutputFormat.Yaml:
                writer.Write(new JsonArray(row.DeepClone()), table);
                break;
            default:
                writer.JsonLine(row);
                break;
        }
    }

    private sealed record Source(string Path, Table Table);

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
