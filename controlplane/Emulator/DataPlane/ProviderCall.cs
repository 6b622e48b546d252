using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Which provider a request goes to, where, and with what body (contract 11).</summary>
/// <param name="LogPath">What followed the provider, or `compat`, in the URL.</param>
/// <param name="UpstreamPath">Below the provider's prefix.</param>
/// <param name="Compat">The request came by `/compat`: the model named the provider.</param>
public sealed record ProviderCall(GatewayProvider Provider, string LogPath, string UpstreamPath, RequestBody Body, bool Compat)
{
    /// <summary>The model as the provider knows it; empty when the request names none.</summary>
    public string Model => Body.Model ?? ModelInPath() ?? "";

    /// <summary>The answer will be an event stream: the body says so, or the path of a provider that says it there.</summary>
    public bool Streamed => Body.Stream
        || UpstreamPath.EndsWith(":streamGenerateContent", StringComparison.Ordinal)
        || UpstreamPath.EndsWith("-stream", StringComparison.Ordinal);

    /// <param name="segment">The first segment after the gateway: a provider's slug or `compat`.</param>
    /// <param name="rest">What follows, percent-encoded as it goes upstream, without a leading slash.</param>
    public static (ProviderCall? Call, GatewayError? Error) Resolve(string segment, string rest, RequestBody body)
    {
        if (segment == "compat")
            return Unified(rest, body);
        return GatewayProvider.Find(segment) is { } provider
            ? (new ProviderCall(provider, rest, provider.Below(rest), body, Compat: false), null)
            : (null, GatewayError.ProviderUnknown);
    }

    private static (ProviderCall? Call, GatewayError? Error) Unified(string rest, RequestBody body)
    {
        if (rest is not ("chat/completions" or "v1/chat/completions"))
            return (null, GatewayError.NoSuchEndpoint);
        // The model of Workers AI, of Vertex and of Bedrock contains slashes itself: only the first one divides.
        if (body.Model?.Split('/', 2) is not [{ Length: > 0 } slug, { Length: > 0 } model])
            return (null, GatewayError.BadChat);
        return GatewayProvider.Find(slug) is { } provider
            ? (new ProviderCall(provider, rest, provider.ChatPath, body.WithModel(model), Compat: true), null)
            : (null, GatewayError.ProviderUnknown);
    }

    /// <summary>`@cf/meta/llama…` of Workers AI, `models/{m}:generateContent` of Gemini.</summary>
    private string? ModelInPath()
    {
        if (Provider.Slug == GatewayProvider.WorkersAi && UpstreamPath.StartsWith("@cf/", StringComparison.Ordinal))
            return UpstreamPath;
        const string models = "models/";
        var at = UpstreamPath.LastIndexOf(models, StringComparison.Ordinal);
        return at < 0 ? null : UpstreamPath[(at + models.Length)..].Split(':', '/')[0];
    }
}
