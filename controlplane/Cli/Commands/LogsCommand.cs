using System.CommandLine;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`logs`: the gateways' own log rows as they were polled, newest first.</summary>
public static class LogsCommand
{
    public static Command Build(Shell shell)
    {
        var tail = new Option<int>("--tail") { Description = "How many rows, 1 to 200.", DefaultValueFactory = _ => 50 };
        var verb = new Command("logs", "Log rows of the gateways, newest first.") { tail };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(
                await call.Api.GetAsync($"/api/v1/logs?limit={call.Value(tail)}", cancellationToken),
                new Table(
                    "logs",
                    "id",
                    "No logs available yet",
                    Column.Of("time", "createdAt"),
                    Column.Of("gateway", "gateway"),
                    Column.Of("provider", "provider"),
                    Column.Of("model", "model"),
                    Column.Of("status", "statusCode"),
                    Column.Of("cached", "cached"),
                    Column.Of("ms", "durationMs"),
                    Column.Of("tokens in", "tokensIn"),
                    Column.Of("tokens out", "tokensOut")));
            return ExitCodes.Ok;
        });
        return verb;
    }
}
