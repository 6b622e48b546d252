using GatewayOps.Emulator.Upstreams.Anthropic;
using GatewayOps.Emulator.Upstreams.Bedrock;
using GatewayOps.Emulator.Upstreams.Cohere;
using GatewayOps.Emulator.Upstreams.Gemini;
using GatewayOps.Emulator.Upstreams.Media;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Responses;
using GatewayOps.Emulator.WorkersAi;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>The operations that one provider really has, and how it words what it has not.</summary>
/// <param name="Errors">Of a path that it does not know.</param>
/// <param name="Operations">The first that fits answers: the busy ones come first.</param>
public sealed record ProviderDialects(GatewayProvider Provider, ErrorDialect Errors, IReadOnlyList<Operation> Operations)
{
    private const string GoogleAiStudio = "google-ai-studio";

    /// <summary>The credential that the provider looks at; null when there is none. Google takes one in the query too.</summary>
    public string? KeyOf(UpstreamRequest request)
    {
        if (request.Credential() is { } key)
            return key;
        if (Provider.Slug != GoogleAiStudio)
            return null;
        foreach (var pair in new QueryStringEnumerable(request.Query))
            if (pair.DecodeName().Span.SequenceEqual("key") && !pair.EncodedValue.IsEmpty)
                return pair.DecodeValue().ToString();
        return null;
    }

    public static ProviderDialects Of(GatewayProvider provider)
    {
        var (errors, operations) = Table(provider.Slug);
        // The gateway's `/compat` answers in OpenAI's shape whatever the provider: its chat stands at the address that the gateway uses for that.
        Operation compat = ChatOperation.At(provider.ChatPath, errors is OpenAiErrors ? errors : null, Flavour(provider.Slug));
        // So do the other dialects of the REST surface: `/ai/v1/responses` and `/ai/v1/messages` are for every provider.
        var folder = provider.ChatPath[..^"chat/completions".Length];
        IEnumerable<Operation> beside = [.. ResponsesOperations.At(folder), .. MessagesOperations.At(folder)];
        return new ProviderDialects(provider, errors, [compat, .. operations.Where(operation => operation.Path != compat.Path), .. beside]);
    }

    private static (ErrorDialect Errors, IEnumerable<Operation> Operations) Table(string slug) => slug switch
    {
        "openai" => (OpenAiErrors.OpenAi,
            [.. OpenAiLike("", OpenAiErrors.OpenAi, slug), .. ResponsesOperations.At(""), TextCompletion.At("completions"), .. OpenAi.Media.At("")]),
        GatewayProvider.AzureOpenAi => (OpenAiErrors.Azure,
        [
            .. OpenAiLike("**/", OpenAiErrors.Azure, slug), .. ResponsesOperations.At("**/", OpenAiErrors.Azure), TextCompletion.At("**/completions", OpenAiErrors.Azure),
            .. OpenAi.Media.At("**/", OpenAiErrors.Azure),
        ]),
        "anthropic" => (AnthropicErrors.Instance, MessagesOperations.At("v1/")),
        GoogleAiStudio => (GeminiErrors.Instance,
        [
            .. GeminiOperations.At("v1beta/models/"), .. GeminiOperations.At("v1/models/"), .. GeminiModels.At("v1beta/"), .. GeminiModels.At("v1/"),
            Embeddings.At("v1beta/openai/embeddings"), ModelList.At("v1beta/openai/models"),
        ]),
        GatewayProvider.GoogleVertexAi => (GeminiErrors.Instance,
        [
            .. GeminiOperations.At("**/publishers/google/models/"),
            new("POST", "**/publishers/anthropic/models/*:rawPredict", AnthropicErrors.Instance, call => MessagesOperations.CreateAt(call, call.Captured)),
            new("POST", "**/publishers/anthropic/models/*:streamRawPredict", AnthropicErrors.Instance, call => MessagesOperations.CreateAt(call, call.Captured)),
            ChatOperation.At("**/endpoints/openapi/chat/completions"), ChatOperation.At("**/chat/completions"),
        ]),
        GatewayProvider.AwsBedrock => (BedrockErrors.Instance,
            [.. BedrockOperations.At("**/"), .. MessagesOperations.At("**/anthropic/v1/"), ChatOperation.At("**/chat/completions")]),
        "grok" => (OpenAiErrors.Grok,
            [.. OpenAiLike("v1/", OpenAiErrors.Grok, slug), .. ResponsesOperations.At("v1/", OpenAiErrors.Grok), .. MessagesOperations.At("v1/"), .. OpenAi.Media.At("v1/", OpenAiErrors.Grok)]),
        "groq" => (OpenAiErrors.OpenAi, [.. OpenAiLike("", OpenAiErrors.OpenAi, slug), .. ResponsesOperations.At(""), .. OpenAi.Media.At("")]),
        "deepseek" => (OpenAiErrors.OpenAi,
        [
            .. OpenAiLike("", OpenAiErrors.OpenAi, slug), .. OpenAiLike("v1/", OpenAiErrors.OpenAi, slug), TextCompletion.At("beta/completions"),
            .. MessagesOperations.At("anthropic/v1/"),
        ]),
        "mistral" => (OpenAiErrors.Flat, OpenAiLike("v1/", OpenAiErrors.Flat, slug)),
        "perplexity-ai" => (OpenAiErrors.Numbered, [ChatOperation.At("v1/chat/completions", OpenAiErrors.Numbered, Flavour(slug))]),
        "cerebras" => (OpenAiErrors.Flat,
            [.. OpenAiLike("v1/", OpenAiErrors.Flat, slug), .. OpenAiLike("", OpenAiErrors.Flat, slug), TextCompletion.At("v1/completions", OpenAiErrors.Flat)]),
        "openrouter" => (OpenAiErrors.Numbered,
        [
            .. OpenAiLike("v1/", OpenAiErrors.Numbered, slug), .. OpenAiLike("", OpenAiErrors.Numbered, slug), .. ResponsesOperations.At("v1/", OpenAiErrors.Numbered),
            TextCompletion.At("v1/completions", OpenAiErrors.Numbered), .. MessagesOperations.At("v1/"),
        ]),
        "fireworks" => (OpenAiErrors.OpenAi, [.. OpenAiLike("", OpenAiErrors.OpenAi, slug), TextCompletion.At("completions"), .. ResponsesOperations.At("")]),
        // It has no operations here: see WorkersAiUpstream.
        GatewayProvider.WorkersAi => (AiErrors.Instance, []),
        "cohere" => (CohereErrors.Instance, [.. CohereOperations.All, Embeddings.At("compatibility/v1/embeddings")]),
        "huggingface" => (OpenAiErrors.Plain, [ChatOperation.At("**/v1/chat/completions"), .. TaskOperations.HuggingFace]),
        "replicate" => (MediaErrors.Replicate, ImageOperations.Replicate),
        "fal" => (MediaErrors.Detail, ImageOperations.Fal),
        "ideogram" => (OpenAiErrors.Plain, ImageOperations.Ideogram),
        "cartesia" => (OpenAiErrors.Plain, SoundOperations.Cartesia),
        "deepgram" => (MediaErrors.Deepgram, SoundOperations.Deepgram),
        "elevenlabs" => (MediaErrors.ElevenLabs, SoundOperations.ElevenLabs),
        "parallel" => (OpenAiErrors.OpenAi, [.. TaskOperations.Parallel, ChatOperation.At("chat/completions")]),
        "adobe-firefly" => (MediaErrors.Coded, ImageOperations.Firefly),
        // A deployment of one's own: whatever it serves, it most likely speaks OpenAI's dialect.
        _ => (OpenAiErrors.OpenAi, [.. OpenAiLike("**/", OpenAiErrors.OpenAi, slug), .. ResponsesOperations.At("**/"), TextCompletion.At("**/completions")]),
    };

    private static IEnumerable<Operation> OpenAiLike(string folder, ErrorDialect errors, string slug) =>
    [
        ChatOperation.At(folder + "chat/completions", errors, Flavour(slug)),
        Embeddings.At(folder + "embeddings", errors),
        ModelList.At(folder + "models", errors),
        ModelList.OneAt(folder + "models/*", errors),
    ];

    private static ChatFlavour Flavour(string slug) => slug switch
    {
        "deepseek" => new ChatFlavour { ReasoningMember = "reasoning_content", UsageInLastChunk = true, CountsCacheHits = true },
        "grok" or "fireworks" => new ChatFlavour { ReasoningMember = "reasoning_content", UsageInLastChunk = true },
        "groq" or "cerebras" or "openrouter" => new ChatFlavour { ReasoningMember = "reasoning", UsageInLastChunk = true },
        "mistral" => new ChatFlavour { UsageInLastChunk = true },
        "perplexity-ai" => new ChatFlavour { UsageInLastChunk = true, Cites = true },
        _ => ChatFlavour.OpenAi,
    };
}
