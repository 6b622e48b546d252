using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Stored provider keys (BYOK). Values come from stdin, the environment or a file, never from the command line.</summary>
public static class KeysCommand
{
    private static readonly Table Keys = new(
        "keys",
        "gateway/provider/alias",
        "No stored keys. Put one: gatewayops keys put --gateway ID --provider NAME < key.txt",
        Column.Of("gateway", "gateway"),
        Column.Of("provider", "provider"),
        Column.Of("alias", "alias"),
        Column.Of("fingerprint", "fingerprint"),
        Column.Time("created", "createdAt"),
        Column.Time("rotated", "rotatedAt"));

    public static Command Build(Shell shell) => new("keys", "Stored provider keys: put, list, rotate, remove.") { Put(shell), List(shell), Rotate(shell), Remove(shell) };

    private static Command Put(Shell shell)
    {
        var (gateway, provider, alias) = Identity();
        var (variable, file) = Value();
        var verb = new Command("put", "Store a provider key in Cloudflare's Secrets Store and link it to a gateway. The value comes from stdin.") { gateway, provider, alias, variable, file };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var value = await Input.SecretAsync(shell.Surroundings.Variables, call.Optional(variable), call.Optional(file), cancellationToken);
            var body = new JsonObject { ["gateway"] = call.Value(gateway), ["provider"] = call.Value(provider), ["alias"] = call.Value(alias), ["value"] = value };
            return Print(call, await call.Api.PostAsync("/api/v1/provider-keys", body, cancellationToken));
        });
        return verb;
    }

    private static Command Rotate(Shell shell)
    {
        var (gateway, provider, alias) = Identity();
        var (variable, file) = Value();
        var verb = new Command("rotate", "Replace the value of a stored key without a gap. The new value comes from stdin.") { gateway, provider, alias, variable, file };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var value = await Input.SecretAsync(shell.Surroundings.Variables, call.Optional(variable), call.Optional(file), cancellationToken);
            var path = Of(call.Value(gateway), call.Value(provider), call.Value(alias));
            return Print(call, await call.Api.PostAsync($"{path}/rotate", new JsonObject { ["value"] = value }, cancellationToken));
        });
        return verb;
    }

    // The key is stored; whether the gateway has it already is another question, and the run that links it answers it.
    private static int Print(Call call, JsonNode key)
    {
        call.Writer.Write(key, Keys with { Rows = "" });
        if (Cell.Text(key["run"]?["outcome"]) is "failed" or "interrupted")
        {
            throw new CliException($"The key is stored, and not linked to the gateway yet: {Cell.Text(key["run"]!["error"])}", $"gatewayops gateway show {Cell.Text(key["gateway"])}; the next pass tries again by itself");
        }

        return ExitCodes.Ok;
    }

    private static Command List(Shell shell)
    {
        var verb = new Command("list", "The stored keys, by fingerprint.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, "/api/v1/provider-keys", "keys", cancellationToken), Keys);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Remove(Shell shell)
    {
        var (gateway, provider, alias) = Identity();
        var verb = new Command("remove", "Unlink and delete a stored key that the control plane put.") { gateway, provider, alias };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            await call.Api.DeleteAsync(Of(call.Value(gateway), call.Value(provider), call.Value(alias)), ifMatch: null, cancellationToken);
            call.Writer.Message($"removed {call.Value(gateway)}/{call.Value(provider)}/{call.Value(alias)}");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static (Option<string> Gateway, Option<string> Provider, Option<string> Alias) Identity() => (
        new("--gateway", "-g") { Description = "Gateway id.", Required = true },
        new("--provider", "-p") { Description = "Provider, as in a rule set (openai, anthropic, openrouter, ...).", Required = true },
        new("--alias") { Description = "Which of several keys of the provider.", DefaultValueFactory = _ => "default" });

    private static (Option<string?> Variable, Option<string?> File) Value() => (
        new("--from-env") { Description = "Environment variable that holds the key, in the place of stdin.", HelpName = "variable" },
        new("--from-file") { Description = "File that holds the key, in the place of stdin.", HelpName = "path" });

    private static string Of(string gateway, string provider, string alias) =>
        $"/api/v1/provider-keys/{ControlPlaneApi.Segment(gateway)}/{ControlPlaneApi.Segment(provider)}/{ControlPlaneApi.Segment(alias)}";
}
