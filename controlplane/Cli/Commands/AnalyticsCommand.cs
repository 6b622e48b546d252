using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`analytics`: Cloudflare's own view of the gateways, and where it, their logs and the proxy's records disagree.</summary>
public static class AnalyticsCommand
{
    public static Command Build(Shell shell)
    {
        var by = new Option<string>("--by") { Description = "How requests are grouped.", DefaultValueFactory = _ => "gateway" }.AcceptOnlyFromAmong("gateway", "provider", "model", "status", "hour", "day");
        var since = Since();
        var until = Until();
        var gateway = Gateway();
        var provider = new Option<string?>("--provider", "-p") { Description = "Only this provider." };
        var model = new Option<string?>("--model") { Description = "Only this model." };
        var verb = new Command("analytics", "Requests, errors, durations, tokens and cost by Cloudflare's analytics: sampled, and 14 minutes late or more.") { by, since, until, gateway, provider, model };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var answer = await call.Api.GetAsync(
                Pages.Query(
                    "/api/v1/analytics", ("by", call.Value(by)), ("since", call.Value(since)), ("until", call.Optional(until)), ("gateway", call.Optional(gateway)), ("provider", call.Optional(provider)),
                    ("model", call.Optional(model))),
                cancellationToken);
            Show(call, answer, call.Value(by));
            return ExitCodes.Ok;
        });
        verb.Subcommands.Add(BuildReconcile(shell));
        return verb;
    }

    private static Command BuildReconcile(Shell shell)
    {
        var since = Since();
        var until = Until();
        var gateway = Gateway();
        var tolerance = new Option<string>("--tolerance") { Description = "Differences up to this part of the larger number are none: 0 to 1, as 0.01.", DefaultValueFactory = _ => "0.01" };
        var verb = new Command("reconcile", "Holds the proxy's records, the gateways' logs and Cloudflare's analytics against each other, by gateway and hour.") { since, until, gateway, tolerance };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                if (!decimal.TryParse(call.Value(tolerance), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) || part > 1)
                {
                    throw new CliException($"--tolerance: '{call.Value(tolerance)}' is no number between 0 and 1.", "give it like --tolerance 0.01, for one in a hundred");
                }

                var answer = await call.Api.GetAsync(
                    Pages.Query(
                        "/api/v1/analytics/reconciliation", ("since", call.Value(since)), ("until", call.Optional(until)), ("gateway", call.Optional(gateway)), ("tolerance", part.ToString(CultureInfo.InvariantCulture))),
                    cancellationToken);
                return ShowDifferences(call, answer);
            },
            Exits.Compares);
        return verb;
    }

    private static void Show(Call call, JsonNode answer, string by)
    {
        var items = Cell.Items(answer["groups"]).Select(group => (Cell.Text(group["group"]), Cell.Number(group["requests"]))).ToList();
        Totals.AppendTo(call.Writer.Format, answer);
        call.Writer.Write(answer, new Table(
            "groups",
            "group",
            "No analytics available yet",
            Column.Of(by, "group"),
            Column.Of("requests", "requests"),
            Column.Of("errors", "errors"),
            Column.Of("cache hits", "cacheHits"),
            Totals.Percent("hit ratio", "hitRatio"),
            Column.Of("tokens in", "tokensIn"),
            Column.Of("tokens out", "tokensOut"),
            Column.Of("cost usd", "costUsd"),
            Column.Of("p50 ms", "p50Ms"),
            Column.Of("p90 ms", "p90Ms"),
            Column.Of("p99 ms", "p99Ms")));
        call.Writer.Chart($"requests by {by}", items, isCourse: by is "hour" or "day");
        call.Writer.Message(answer["polledAt"] is null
            ? "Cloudflare's analytics were never read: the service polls them every few minutes, with a token that has Account Analytics: Read (gatewayops doctor)"
            : $"sampled by Cloudflare; final until {Cell.Time(answer["settledUntil"])}, read at {Cell.Time(answer["polledAt"])}");
    }

    // For people one row for each hour that differs; data for programs is whole.
    private static int ShowDifferences(Call call, JsonNode answer)
    {
        var differ = (int)Cell.Number(answer["differ"]);
        var shown = call.Writer.Format is OutputFormat.Table ? Rows(answer) : answer;
        call.Writer.Write(shown, new Table(
            "hours",
            "gateway/hour",
            differ == 0 && Cell.Items(answer["hours"]).Any() ? "The three agree." : "Nothing was recorded, logged or told by analytics in this time.",
            Column.Time("hour", "hour"),
            Column.Of("gateway", "gateway"),
            Column.Of("compared", "pair"),
            Column.Of("measure", "measure"),
            Column.Of("left", "left"),
            Column.Of("right", "right"),
            Column.Of("difference", "absolute"),
            Totals.Percent("of it", "relative"),
            Column.Of("why", "reasons")));
        if (call.Writer.Format is OutputFormat.Table)
        {
            foreach (var reason in Cell.Items(answer["hours"]).SelectMany(hour => Cell.Items(hour["reasons"])).Select(Cell.Text).Distinct())
            {
                call.Writer.Message($"{reason}: {Cell.Text(answer["reasons"]?[reason])}");
            }
        }

        return differ > 0 ? ExitCodes.Differences : ExitCodes.Ok;
    }

    private static JsonObject Rows(JsonNode answer)
    {
        var rows = new JsonArray();
        foreach (var hour in Cell.Items(answer["hours"]).Where(hour => !Cell.Flag(hour["provisional"])))
        {
            foreach (var difference in Cell.Items(hour["differences"]).Where(difference => Cell.Flag(difference["beyond"])))
            {
                var row = difference.DeepClone().AsObject();
                row["hour"] = hour["hour"]?.DeepClone();
                row["gateway"] = hour["gateway"]?.DeepClone();
                row["reasons"] = hour["reasons"]?.DeepClone();
                rows.Add(row);
            }
        }

        return new JsonObject { ["hours"] = rows };
    }

    private static Option<string> Since() => new("--since") { Description = "A span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z.", DefaultValueFactory = _ => "24h" };

    private static Option<string?> Until() => new("--until") { Description = "Where the span ends, as --since." };

    private static Option<string?> Gateway() => new("--gateway", "-g") { Description = "Only this gateway." };
}
