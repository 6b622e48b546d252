using System.Text.Json.Nodes;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.ControlPlane;

namespace GatewayOps.Cli.Dev;

/// <summary>The account that `dev` offers: the default gateway with authentication on and a stored key for every provider. Made through the operator API, so repeating it changes nothing.</summary>
public static class Seeding
{
    public static readonly IReadOnlyList<string> Providers =
        ["openai", "anthropic", "google-ai-studio", "openrouter", "groq", "mistral", "cohere", "grok", "deepseek", "perplexity-ai", "workers-ai"];

    public static Task<JsonNode> GatewayAsync(ControlPlaneApi api, CancellationToken cancellationToken) =>
        api.PostAsync("/api/v1/gateways", StartCommand.Body(StartCommand.DefaultGateway, authentication: true), cancellationToken);

    public static Task<JsonNode> KeyAsync(ControlPlaneApi api, string provider, CancellationToken cancellationToken) =>
        api.PostAsync(
            "/api/v1/provider-keys",
            new JsonObject { ["gateway"] = StartCommand.DefaultGateway, ["provider"] = provider, ["value"] = $"sk-simulated-{provider}" },
            cancellationToken);

    public static async Task SeedAsync(ControlPlaneApi api, CancellationToken cancellationToken)
    {
        await GatewayAsync(api, cancellationToken);
        var present = (await api.GetAsync("/api/v1/provider-keys", cancellationToken))["keys"] as JsonArray ?? [];
        var known = present.Select(key => key?["provider"]?.GetValue<string>()).ToHashSet();
        foreach (var provider in Providers.Where(provider => !known.Contains(provider)))
        {
            await KeyAsync(api, provider, cancellationToken);
        }
    }
}
