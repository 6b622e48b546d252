using System.CommandLine;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`logs`: the gateways' own log rows as they were polled, newest first.</summary>
public static class LogsCommand
{
    public static Command Build(Shell shell)
    {
        var tail = new Option<int>("--tail") { Description = "How many rows, 1 to 200.", DefaultValueFactory = _ => 50 };
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only this gateway." };
        var verb = new Command("logs", "Log rows of the gateways, newest first.") { tail, gateway };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var filter = call.Optional(gateway) is { } id ? $"&gateway={Uri.EscapeDataString(id)}" : "";
            call.Writer.Write(
                await call.Api.GetAsync($"/api/v1/logs?limit={call.Value(tail)}{filter}", cancellationToken),
                new Table(
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
            return ExitCodes.Ok;
        });
        return verb;
    }
}
