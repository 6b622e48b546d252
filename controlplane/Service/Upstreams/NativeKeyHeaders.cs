using System.Collections.Frozen;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// The headers in which a provider takes a caller's own key. In any other one the gateway sees no key, and puts the stored one in its place. Source: Cloudflare contract, sections 4.1 and 11.
/// </summary>
public static class NativeKeyHeaders
{
    // Beside `authorization`, which all take.
    private static readonly FrozenDictionary<string, string> Further = new Dictionary<string, string>
    {
        ["anthropic"] = "x-api-key",
        ["google-ai-studio"] = "x-goog-api-key",
        ["azure-openai"] = "api-key",
        ["cartesia"] = "x-api-key",
        ["elevenlabs"] = "xi-api-key",
    }.ToFrozenDictionary();

    // What is not known to be taken for a key is none.
    private static readonly FrozenSet<string> Unknown = new[] { "adobe-firefly" }.ToFrozenSet();

    /// <param name="provider">Null where the model names it: `compat` speaks as OpenAI does.</param>
    /// <param name="header">In any case.</param>
    public static bool Has(UpstreamProvider? provider, string header)
    {
        return provider is null
            ? Is(UpstreamProvider.Authorization)
            : (Is(UpstreamProvider.Authorization) && !Unknown.Contains(provider.Slug))
            || (Further.TryGetValue(provider.Slug, out var further) && Is(further))
            || (provider.IsDirect && (Is(provider.KeyHeader) || Is(provider.MessagesKeyHeader)));

        bool Is(string name) => header.Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
