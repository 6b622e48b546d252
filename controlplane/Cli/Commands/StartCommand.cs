using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`start`: creates the default gateway if it is absent and ends its pause; a second start changes nothing and says so.</summary>
public static class StartCommand
{
    public const string GatewayVariable = "CLOUDFLARE_GATEWAY_ID";
    public const string DefaultGateway = "openai-compat";

    public static Command Build(Shell shell)
    {
        var gateway = new Option<string?>("--gateway", "-g") { Description = $"Gateway id; default: {GatewayVariable}, then {DefaultGateway}." };
        var verb = new Command("start", $"Create the gateway if it is absent, and mark it active: a paused one is resumed. Repeating it changes nothing.") { gateway };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var id = call.Optional(gateway) ?? (shell.Surroundings.Variables.GetValueOrDefault(GatewayVariable) is { Length: > 0 } named ? named : DefaultGateway);
            var text = await call.Api.FindAsync(GatewayCommand.Of(id), cancellationToken);
            var answer = text is null ? null : JsonNode.Parse(text);
            // Nothing may be asked of a paused gateway, not even to be there.
            if (answer?["paused"] is not null)
            {
                await GatewayCommand.ResumeAsync(call, id, cancellationToken);
                answer = await call.Api.GetAsync(GatewayCommand.Of(id), cancellationToken);
            }
            else
            {
                (answer, var made) = await call.Api.MakeAsync("/api/v1/gateways", Body(id, authentication: true), cancellationToken);
                call.Writer.Message(made ? $"created {id}" : $"already active: {id}");
            }

            call.Writer.Write(answer, GatewayCommand.Gateways with { Rows = "" });
            return ExitCodes.Ok;
        });
        return verb;
    }

    public static JsonObject Body(string id, bool authentication) => new() { ["id"] = id, ["settings"] = new JsonObject { ["authentication"] = authentication } };
}
