using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi.Rest;

/// <summary>A model of another provider, by the catalogue's name: `{author}/{model}`. Authors and the gateway's slugs differ in places (contract section 11).</summary>
/// <param name="Name">As the request has it.</param>
/// <param name="Model">As the provider knows it.</param>
public sealed record ThirdParty(string Name, GatewayProvider Provider, string Model)
{
    public const string RoutePrefix = "dynamic/";

    private static readonly Dictionary<string, string> Slugs = new()
    {
        ["google"] = "google-ai-studio",
        ["xai"] = "grok",
        ["perplexity"] = "perplexity-ai",
        ["mistralai"] = "mistral",
        ["amazon"] = GatewayProvider.AwsBedrock,
    };

    /// <summary>A model of Workers AI.</summary>
    public static bool IsOurs(string model) => model.StartsWith('@') || !model.Contains('/', StringComparison.Ordinal);

    /// <summary>Null when nobody has it: 404/7003. Some authors of the catalogue have no path on the gateway and are not simulated.</summary>
    public static ThirdParty? Find(AccountState account, string name)
    {
        if (name.Split('/', 2) is not [{ Length: > 0 } author, { Length: > 0 } model])
            return null;
        return ProviderResolver.Find(account, Slugs.GetValueOrDefault(author, author)) is { } provider ? new ThirdParty(name, provider, model) : null;
    }

    /// <summary>The address of an operation beside the provider's chat.</summary>
    public string PathOf(string operation) => Provider.ChatPath[..^ChatOperation.Length] + operation;

    private const string ChatOperation = "chat/completions";
}
