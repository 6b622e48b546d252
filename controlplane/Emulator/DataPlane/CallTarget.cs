using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Which provider a call goes to, where, and with what body (contract 11).</summary>
/// <param name="LogPath">What followed the provider, or `compat`, in the URL.</param>
/// <param name="Path">Below the provider's prefix, percent-encoded, without a leading slash.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Compat">The call came by `compat`: the model named the provider.</param>
public sealed record CallTarget(GatewayProvider Provider, string LogPath, string Path, string Query, RequestBody Body, bool Compat)
{
    public const string CompatSegment = "compat";

    /// <summary>The model as the provider knows it; empty when the request names none.</summary>
    public string Model { get; } = Body.Model ?? ModelInPath(Provider, Path) ?? "";

    /// <summary>The answer will be an event stream: the body says so, or the path of a provider that says it there.</summary>
    public bool Streamed => Body.Stream
        || Path.EndsWith(":streamGenerateContent", StringComparison.Ordinal)
        || Path.EndsWith("-stream", StringComparison.Ordinal);

    /// <summary>Of Azure, the resource and the deployment; of the others nothing: see <see cref="GatewayProvider"/>.</summary>
    public static CallTarget Native(GatewayProvider provider, CallWish wish) =>
        new(provider, wish.Rest, provider.Below(wish.Rest), wish.Query, wish.Body, Compat: false);

    /// <param name="model">As the provider knows it.</param>
    public static CallTarget Chat(GatewayProvider provider, string model, CallWish wish) =>
        new(provider, wish.Rest, provider.ChatPath, wish.Query, wish.Body.WithModel(model), Compat: true);

    /// <summary>`@cf/meta/llama…` of Workers AI, `models/{m}:generateContent` of Gemini.</summary>
    private static string? ModelInPath(GatewayProvider provider, string path)
    {
        if (provider.Slug == GatewayProvider.WorkersAi)
        {
            var model = Uri.UnescapeDataString(path);
            return model.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? model[at..] : null;
        }
        const string models = "models/";
        var start = path.LastIndexOf(models, StringComparison.Ordinal);
        return start < 0 ? null : path[(start + models.Length)..].Split(':', '/')[0];
    }
}

/// <summary>What a door asks for before anybody knows whether there is such a provider.</summary>
/// <param name="Segment">A provider's slug or `compat`.</param>
/// <param name="Rest">What follows, percent-encoded as it goes upstream, without a leading slash.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Headers">End-to-end headers for the provider.</param>
/// <param name="Step">Of a universal request, from 0.</param>
public sealed record CallWish(
    string Segment, string Rest, string Query, string Method, RequestBody Body, IReadOnlyList<KeyValuePair<string, string>> Headers, RequestDirectives Directives,
    int Step = 0);
