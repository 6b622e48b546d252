using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`usage`: requests, tokens, cost, durations and what caching saved, through the proxy.</summary>
public static class UsageCommand
{
    public static Command Build(Shell shell)
    {
        var by = new Option<string>("--by") { Description = "How requests are grouped.", DefaultValueFactory = _ => "provider" }.AcceptOnlyFromAmong("provider", "model", "gateway", "key", "hour", "day");
        var since = new Option<string>("--since") { Description = "A span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z.", DefaultValueFactory = _ => "24h" };
        var until = new Option<string?>("--until") { Description = "Where the span ends, as --since." };
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only this gateway." };
        var provider = new Option<string?>("--provider", "-p") { Description = "Only this provider." };
        var model = new Option<string?>("--model") { Description = "Only this model." };
        var key = new Option<string?>("--virtual-key") { Description = "Only the virtual key of this name." };
        var compare = new Option<string?>("--compare") { Description = "A model, as openai/gpt-4: what the same tokens would have cost with it." };
        var verb = new Command("usage", "Requests, tokens, cost, durations and cache hits through the proxy.") { by, since, until, gateway, provider, model, key, compare };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var usage = await call.Api.GetAsync(
                Pages.Query(
                    "/api/v1/usage", ("by", call.Value(by)), ("since", call.Value(since)), ("until", call.Optional(until)), ("gateway", call.Optional(gateway)), ("provider", call.Optional(provider)),
                    ("model", call.Optional(model)), ("key", call.Optional(key)), ("compare", call.Optional(compare))),
                cancellationToken);
            Show(call, usage, call.Value(by));
            Tell(call, usage);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static void Show(Call call, JsonNode usage, string by)
    {
        var items = Cell.Items(usage["groups"]).Select(group => (Cell.Text(group["group"]), Cell.Number(group["requests"]))).ToList();
        Totals.AppendTo(call.Writer.Format, usage);
        call.Writer.Write(usage, new Table(
            "groups",
            "group",
            $"No requests since {Cell.Time(usage["since"])}.",
            Column.Of(by, "group"),
            Column.Of("requests", "requests"),
            Column.Of("errors", "errors"),
            Column.Of("fallbacks", "fallbacks"),
            Column.Of("cache hits", "cacheHits"),
            Totals.Percent("hit ratio", "hitRatio"),
            Column.Of("tokens in", "tokensIn"),
            Column.Of("tokens out", "tokensOut"),
            Column.Of("cost usd", "costUsd"),
            Column.Of("saved usd", "savedUsd"),
            Column.Of("p50 ms", "p50Ms"),
            Column.Of("p95 ms", "p95Ms"),
            Column.Of("p99 ms", "p99Ms")));
        call.Writer.Chart($"requests by {by}", items, isCourse: by is "hour" or "day");
    }

    private static void Tell(Call call, JsonNode usage)
    {
        if (usage["saving"] is { } saving && Cell.Number(saving["hits"]) > 0)
        {
            var share = saving["ratio"] is { } ratio ? $", {Totals.Percent(ratio)} of {Cell.Text(saving["withoutCacheUsd"])}" : "";
            call.Writer.Message($"caching: {Cell.Text(saving["hits"])} answers from the cache saved {Cell.Text(saving["avoidedUsd"])} US dollars{share}{Unpriced(saving, "of them")}");
        }

        if (usage["comparison"] is { } other)
        {
            call.Writer.Message($"with {Cell.Text(other["model"])}: {Cell.Text(other["costUsd"])} US dollars{(other["ratio"] is { } ratio ? $", {ratio} times what it cost" : "")}");
            if (other["inputUsd"] is not null)
            {
                var day = other["pricesOf"] is { } asOf ? $"of {Cell.Text(asOf)}" : "undated";
                call.Writer.Message($"  price ({day}): {Cell.Text(other["inputUsd"])} in, {Cell.Text(other["outputUsd"])} out per million tokens{Unpriced(other, "of the requests compared")}");
            }
        }

        if (usage["uncountedDays"] is JsonArray { Count: > 0 } days)
        {
            call.Writer.Message($"warning: {days.Count} days from before the upgrade (back to {Cell.Text(days[^1])}) are not counted yet: ask again in a few minutes");
        }

        Today(call, usage["today"]);
    }

    private static string Unpriced(JsonNode answer, string ofWhat) => Cell.Number(answer["unpriced"]) is > 0 and var count ? $" ({count.ToString(CultureInfo.InvariantCulture)} {ofWhat} have no known price)" : "";

    private static void Today(Call call, JsonNode? today)
    {
        if (today is null || (long)Cell.Member(today, "free") is not (> 0 and var free))
        {
            return;
        }

        var requests = (long)Cell.Member(today, "requests");
        call.Writer.Message($"today: {requests}/{free} requests of the free tier");
        if (requests >= free)
        {
            call.Writer.Message("warning: the free tier of today is used up. It begins anew at 00:00 UTC; `quota` in a rule set would have stopped there, another plan goes on.");
        }
    }
}
