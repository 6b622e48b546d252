using GatewayOps.Rules;

namespace GatewayOps.Client.Settings;

/// <summary>Where requests go and what a model is called there. Source: Cloudflare contract, section 11.</summary>
internal static class Address
{
    public const string WorkersAi = "workers-ai", Dynamic = "dynamic";

    // Of providers that speak OpenAI's embeddings elsewhere than below `v1`. `/compat` has chat alone.
    private static readonly Dictionary<string, string> EmbeddingFolders = new()
    {
        ["openai"] = "openai/",
        ["groq"] = "groq/",
        ["google-ai-studio"] = "google-ai-studio/v1beta/openai/",
        ["cohere"] = "cohere/compatibility/v1/",
    };

    public static bool IsLocal(string provider) => provider is "lmstudio" or "ollama";

    public static Uri Of(GatewayClientOptions options) => Direct(options) ?? Gateway(options, "compat/");

    public static Uri OfEmbeddings(GatewayClientOptions options) => Direct(options) ?? Gateway(options, EmbeddingFolders.GetValueOrDefault(options.Slug) ?? $"{options.Slug}/v1/");

    /// <summary>`{provider}/{model}`, which the gateway splits at the first slash: an OpenRouter model keeps its own.</summary>
    public static string ChatModel(GatewayClientOptions options, string? asked) => Direct(options) is null ? $"{options.Slug}/{Own(options, asked)}" : Own(options, asked);

    public static string EmbeddingModel(GatewayClientOptions options, string? asked) => Own(options, asked ?? options.EmbeddingModel);

    public static string? DefaultModelOf(GatewayClientOptions options) =>
        options.Slug == WorkersAi ? GatewayClientOptions.DefaultModel : ProviderCatalogue.DefaultModelOf(options.Slug);

    private static string Own(GatewayClientOptions options, string? asked)
    {
        var model = asked ?? options.Model ?? DefaultModelOf(options)!;
        return options.Slug == WorkersAi ? WorkersAiModel.Normalise(model) : model;
    }

    private static Uri? Direct(GatewayClientOptions options) =>
        options.Endpoint is { } endpoint ? Folder(endpoint)
        : options.Provider == "lmstudio" ? new("http://127.0.0.1:1234/v1/")
        : options.Provider == "ollama" ? new("http://127.0.0.1:11434/v1/")
        : null;

    private static Uri Gateway(GatewayClientOptions options, string surface) => new(Folder(options.BaseUrl), $"v1/{options.AccountId}/{options.GatewayId}/{surface}");

    private static Uri Folder(Uri url) => url.AbsoluteUri.EndsWith('/') ? url : new(url.AbsoluteUri + "/");
}
