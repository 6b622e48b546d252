using System.Collections.Frozen;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>
/// A provider that has a path on the gateway: `/v1/{account}/{gateway}/{Slug}/{path}` becomes `{Origin}{Prefix}{path}` at the provider (contract 11;
/// Azure, Bedrock and Vertex name their host in the path: <see cref="Url"/>).
/// </summary>
/// <param name="Slug">The first path segment after the gateway.</param>
/// <param name="Origin">Scheme and host, without a slash at the end.</param>
/// <param name="Prefix">Path that the gateway puts in front again, with both slashes; `/` where only the host was removed.</param>
/// <param name="ChatPath">Where `/compat/chat/completions` goes, below <paramref name="Prefix"/>.</param>
/// <param name="AuthHeaders">Headers that may carry the provider's key, in lower case; a stored key is put into the first.</param>
public sealed record GatewayProvider(string Slug, string Origin, string Prefix, string ChatPath, IReadOnlyList<string> AuthHeaders)
{
    public const string WorkersAi = "workers-ai";
    public const string AzureOpenAi = "azure-openai";
    public const string AwsBedrock = "aws-bedrock";
    public const string GoogleVertexAi = "google-vertex-ai";

    /// <summary>A provider of the account's own: `custom-{slug}`.</summary>
    public const string CustomPrefix = "custom-";

    private static readonly string[] Bearer = ["authorization"];

    /// <summary>What a failed dynamic route logs in the place of a provider (contract 3). Nothing is ever sent to it.</summary>
    public static readonly GatewayProvider Unknown = new("unknown", "https://unknown.invalid", "/", "", Bearer);

    private static readonly FrozenDictionary<string, GatewayProvider> Table = new GatewayProvider[]
    {
        new("openai", "https://api.openai.com", "/v1/", "chat/completions", Bearer),
        new("anthropic", "https://api.anthropic.com", "/", "v1/chat/completions", ["x-api-key", "authorization"]),
        new("google-ai-studio", "https://generativelanguage.googleapis.com", "/", "v1beta/openai/chat/completions", ["x-goog-api-key", "authorization"]),
        new(GoogleVertexAi, "https://aiplatform.googleapis.com", "/", "v1/chat/completions", Bearer),
        new(AzureOpenAi, "https://openai.azure.com", "/", "chat/completions", ["api-key", "authorization"]),
        new(AwsBedrock, "https://bedrock-runtime.us-east-1.amazonaws.com", "/", "v1/chat/completions", Bearer),
        new(WorkersAi, "https://api.cloudflare.com", "/", "v1/chat/completions", Bearer),
        new("grok", "https://api.x.ai", "/", "v1/chat/completions", Bearer),
        new("groq", "https://api.groq.com", "/openai/v1/", "chat/completions", Bearer),
        new("deepseek", "https://api.deepseek.com", "/", "chat/completions", Bearer),
        new("mistral", "https://api.mistral.ai", "/", "v1/chat/completions", Bearer),
        new("perplexity-ai", "https://api.perplexity.ai", "/", "chat/completions", Bearer),
        new("cerebras", "https://api.cerebras.ai", "/", "v1/chat/completions", Bearer),
        new("openrouter", "https://openrouter.ai", "/api/", "v1/chat/completions", Bearer),
        new("fireworks", "https://api.fireworks.ai", "/inference/v1/", "chat/completions", Bearer),
        new("cohere", "https://api.cohere.com", "/", "compatibility/v1/chat/completions", Bearer),
        new("huggingface", "https://api-inference.huggingface.co", "/models/", "v1/chat/completions", Bearer),
        new("replicate", "https://api.replicate.com", "/", "v1/chat/completions", Bearer),
        new("fal", "https://fal.run", "/", "v1/chat/completions", Bearer),
        new("ideogram", "https://api.ideogram.ai", "/", "v1/chat/completions", Bearer),
        new("cartesia", "https://api.cartesia.ai", "/", "v1/chat/completions", ["authorization", "x-api-key"]),
        new("deepgram", "https://api.deepgram.com", "/", "v1/chat/completions", ["authorization", "token"]),
        new("elevenlabs", "https://api.elevenlabs.io", "/", "v1/chat/completions", ["xi-api-key", "authorization"]),
        new("baseten", "https://inference.baseten.co", "/", "v1/chat/completions", Bearer),
        new("parallel", "https://api.parallel.ai", "/", "v1/chat/completions", ["authorization", "x-api-key"]),
        new("adobe-firefly", "https://firefly-api.adobe.io", "/", "v1/chat/completions", Bearer),
    }.ToFrozenDictionary(provider => provider.Slug);

    /// <summary>Sent with every request that does not have them itself: of a custom provider.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Another number after every change of a custom provider: what was cached before is another provider's.</summary>
    public long Generation { get; init; }

    public bool IsCustom => Slug.StartsWith(CustomPrefix, StringComparison.Ordinal);

    public static IEnumerable<GatewayProvider> All => Table.Values;

    /// <summary>The scheme of a stored key in `Authorization`.</summary>
    public string Scheme { get; } = Slug switch { "deepgram" => "Token", "fal" => "Key", _ => "Bearer" };

    /// <summary>Null for a slug that has no gateway path (contract 11: the gateway answers 400/2008). Custom providers are the account's: they are not here.</summary>
    public static GatewayProvider? Find(string slug) => Table.GetValueOrDefault(slug);

    /// <param name="slug">With `custom-` in front.</param>
    /// <param name="baseUrl">Absolute; the path behind the slug follows it after a slash.</param>
    public static GatewayProvider Custom(string slug, Uri baseUrl)
    {
        var prefix = baseUrl.AbsolutePath.TrimEnd('/') + "/";
        return new(slug, baseUrl.GetLeftPart(UriPartial.Authority), prefix, prefix.EndsWith("/v1/", StringComparison.Ordinal) ? "chat/completions" : "v1/chat/completions",
            ["authorization", "x-api-key", "api-key"]);
    }

    /// <summary>Path below the prefix: OpenAI's documented form omits `v1/`, and the form with it is accepted too.</summary>
    public string Below(string rest) =>
        Slug == "openai" && rest.StartsWith("v1/", StringComparison.Ordinal) ? rest["v1/".Length..] : rest;

    /// <summary>The address at the provider.</summary>
    /// <param name="path">Below the prefix, without a leading slash.</param>
    public string Url(string path) => Slug switch
    {
        AzureOpenAi when path.Split('/', 3) is [{ Length: > 0 } resource, { Length: > 0 } deployment, var rest] =>
            $"https://{resource}.openai.azure.com/openai/deployments/{deployment}/{rest}",
        AwsBedrock when path.Split('/', 3) is ["bedrock-runtime", { Length: > 0 } region, var rest] => $"https://bedrock-runtime.{region}.amazonaws.com/{rest}",
        AwsBedrock when path.Split('/', 3) is ["bedrock-mantle", { Length: > 0 } region, var rest] => $"https://bedrock-mantle.{region}.api.aws/{rest}",
        GoogleVertexAi when path.Split('/') is [_, "projects", _, "locations", { Length: > 0 } region, ..] && region != "global" =>
            $"https://{region}-aiplatform.googleapis.com/{path}",
        _ => Origin + Prefix + path,
    };
}
