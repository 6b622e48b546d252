using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`usage`: requests, tokens and cost through the proxy.</summary>
public static class UsageCommand
{
    public static Command Build(Shell shell)
    {
        var by = new Option<string>("--by") { Description = "provider, model or key.", DefaultValueFactory = _ => "provider" }.AcceptOnlyFromAmong("provider", "model", "key");
        var since = new Option<string>("--since") { Description = "A span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z.", DefaultValueFactory = _ => "24h" };
        var compare = new Option<string>("--compare") { Description = "A model, as openai/gpt-4: what the same tokens would have cost with it." };
        var verb = new Command("usage", "Requests, tokens, cost and cache hits through the proxy.") { by, since, compare };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var usage = await call.Api.GetAsync($"/api/v1/usage?by={call.Value(by)}&since={Uri.EscapeDataString(call.Value(since))}{(call.Optional(compare) is { } model ? $"&compare={Uri.EscapeDataString(model)}" : "")}", cancellationToken);
            if (call.Writer.Format == OutputFormat.Table && usage["groups"] is JsonArray { Count: > 1 } groups)
            {
                var total = usage["total"]!.DeepClone();
                total["group"] = "total";
                groups.Add(total);
            }

            call.Writer.Write(usage, new Table(
                "groups",
                "group",
                $"No requests since {Cell.Time(usage["since"])}.",
                Column.Of(call.Value(by), "group"),
                Column.Of("requests", "requests"),
                Column.Of("errors", "errors"),
                Column.Of("fallbacks", "fallbacks"),
                Column.Of("cache hits", "cacheHits"),
                Column.Of("tokens in", "tokensIn"),
                Column.Of("tokens out", "tokensOut"),
                Column.Of("cost usd", "costUsd")));
            Tell(call, usage["today"]);
            if (usage["comparison"] is { } other)
            {
                call.Writer.Message($"with {Cell.Text(other["model"])}: {Cell.Text(other["costUsd"])} US dollars{(other["ratio"] is { } ratio ? $", {ratio} times what it cost" : "")}");
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static void Tell(Call call, JsonNode? today)
    {
        if (today is null || (long)today["free"]! is not (> 0 and var free))
        {
            return;
        }

        var requests = (long)today["requests"]!;
        call.Writer.Message($"today: {requests}/{free} requests of the free tier");
        if (requests >= free)
        {
            call.Writer.Message("warning: the free tier of today is used up. It begins anew at 00:00 UTC; `quota` in a rule set would have stopped there, another plan goes on.");
        }
    }
}
