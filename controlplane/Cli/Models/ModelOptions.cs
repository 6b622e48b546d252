using System.CommandLine;

namespace GatewayOps.Cli.Models;

/// <summary>The options of verbs that ask a model: which one, and by which way.</summary>
internal sealed class ModelOptions
{
    public Option<string?> Model { get; } = new("--model") { Description = "Model as its provider calls it, or as the proxy knows it; default: CLOUDFLARE_MODEL, then the proxy's or the provider's own." };
    public Option<string?> Provider { get; } = new("--provider", "-p") { Description = "Provider of the model (openai, anthropic, ...); default: LLM_PROVIDER, then what the model's name says." };
    public Option<string?> Gateway { get; } = new("--gateway", "-g") { Description = "Gateway id, with --direct; default: CLOUDFLARE_GATEWAY_ID, then openai-compat." };
    public Option<bool> Direct { get; } = new("--direct") { Description = "Past the service, straight to the gateway, with CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_GATEWAY_TOKEN." };
    public Option<string?> EnvFile { get; } = new("--env-file") { Description = "File with NAME=value lines, in the place of .env; the environment wins over it.", HelpName = "path" };

    public void AddTo(Command verb)
    {
        foreach (var option in new Option[] { Model, Provider, Gateway, Direct, EnvFile })
        {
            verb.Options.Add(option);
        }
    }
}
