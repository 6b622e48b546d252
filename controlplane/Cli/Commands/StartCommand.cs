using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`start`: creates the default gateway if it is absent; a second start changes nothing and says so.</summary>
public static class StartCommand
{
    public const string GatewayVariable = "CLOUDFLARE_GATEWAY_ID";
    public const string DefaultGateway = "openai-compat";

    public static Command Build(Shell shell)
    {
        var verb = new Command("start", $"Create the gateway of {GatewayVariable} (default {DefaultGateway}) if it is absent, and mark it active.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var id = Environment.GetEnvironmentVariable(GatewayVariable) is { Length: > 0 } named ? named : DefaultGateway;
            var (gateway, made) = await call.Api.MakeAsync("/api/v1/gateways", Body(id, authentication: true), cancellationToken);
            call.Writer.Message(made ? $"created {id}" : $"already active: {id}");
            call.Writer.Write(gateway, GatewayCommand.Gateways with { Rows = "" });
            return ExitCodes.Ok;
        });
        return verb;
    }

    public static JsonObject Body(string id, bool authentication) => new() { ["id"] = id, ["settings"] = new JsonObject { ["authentication"] = authentication } };
}
