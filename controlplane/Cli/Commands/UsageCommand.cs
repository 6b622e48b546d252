using System.CommandLine;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`usage`: requests, tokens and cost through the proxy.</summary>
public static class UsageCommand
{
    public static Command Build(Shell shell)
    {
        var by = new Option<string>("--by") { Description = "provider, model or key.", DefaultValueFactory = _ => "provider" }.AcceptOnlyFromAmong("provider", "model", "key");
        var verb = new Command("usage", "Requests, tokens, cost and cache hits through the proxy.") { by };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var usage = await call.Api.GetAsync($"/api/v1/usage?by={call.Value(by)}", cancellationToken);
            call.Writer.Write(usage, new Table(
                "groups",
                "group",
                "No requests yet.",
                Column.Of(call.Value(by), "group"),
                Column.Of("requests", "requests"),
                Column.Of("errors", "errors"),
                Column.Of("cache hits", "cacheHits"),
                Column.Of("tokens in", "tokensIn"),
                Column.Of("tokens out", "tokensOut"),
                Column.Of("cost usd", "costUsd")));
            return ExitCodes.Ok;
        });
        return verb;
    }
}
