using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Stored provider keys (BYOK). Values come from stdin or the environment, never from the command line.</summary>
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

    public static Command Build(Shell shell) => new("keys", "Stored provider keys: put, list, remove.") { Put(shell), List(shell), Remove(shell) };

    private static Command Put(Shell shell)
    {
        var (gateway, provider, alias) = Identity();
        var variable = new Option<string?>("--from-env") { Description = "Environment variable that holds the key; default: stdin." };
        var verb = new Command("put", "Store a provider key in Cloudflare's Secrets Store and link it to a gateway.") { gateway, provider, alias, variable };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var value = await ValueAsync(call.Optional(variable), cancellationToken);
            var body = new JsonObject { ["gateway"] = call.Value(gateway), ["provider"] = call.Value(provider), ["alias"] = call.Value(alias), ["value"] = value };
            call.Writer.Write(await call.Api.PostAsync("/api/v1/provider-keys", body, cancellationToken), Keys with { Rows = "" });
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command List(Shell shell)
    {
        var verb = new Command("list", "The stored keys, by fingerprint.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await call.Api.GetAsync("/api/v1/provider-keys", cancellationToken), Keys);
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
            await call.Api.DeleteAsync(
                $"/api/v1/provider-keys/{Uri.EscapeDataString(call.Value(gateway))}/{Uri.EscapeDataString(call.Value(provider))}/{Uri.EscapeDataString(call.Value(alias))}",
                ifMatch: null,
                cancellationToken);
            call.Writer.Message($"removed {call.Value(gateway)}/{call.Value(provider)}/{call.Value(alias)}");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static (Option<string> Gateway, Option<string> Provider, Option<string> Alias) Identity() => (
        new("--gateway", "-g") { Description = "Gateway id.", Required = true },
        new("--provider", "-p") { Description = "Provider, as in a rule set (openai, anthropic, openrouter, ...).", Required = true },
        new("--alias") { Description = "Which of several keys of the provider.", DefaultValueFactory = _ => "default" });

    private static async Task<string> ValueAsync(string? variable, CancellationToken cancellationToken)
    {
        if (variable is null && !Console.IsInputRedirected)
        {
            throw new CliException("The key is read from stdin, which is a terminal.", "gatewayops keys put ... < key.txt, or --from-env VARIABLE");
        }

        var value = variable is null
            ? (await Console.In.ReadToEndAsync(cancellationToken)).Trim()
            : Environment.GetEnvironmentVariable(variable)?.Trim();
        return string.IsNullOrEmpty(value) ? throw new CliException($"{(variable is null ? "stdin" : variable)} holds no key.", "give a non-empty value") : value;
    }
}
