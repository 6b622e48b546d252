using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>
/// A provider that speaks the OpenAI dialect: chat completions, embeddings, models. It stands behind every provider of the gateway, also
/// behind those with a dialect of their own (Anthropic, Gemini, Cohere, Bedrock): the gateway's `/compat` endpoint answers in OpenAI's shape
/// whatever the provider, so that is true to the wire there; their native paths are not simulated and get the provider's 404.
/// </summary>
/// <param name="acceptedKeys">Keys that this provider takes; null takes any key that is not empty.</param>
public sealed class SimulatedOpenAi(TimeProvider time, IReadOnlyList<string>? acceptedKeys) : IUpstream
{
    /// <summary>A model of this prefix does not exist at any provider: the way to ask for a 404.</summary>
    public const string UnknownModelPrefix = "unknown-";

    private static readonly string[] Models =
        ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-5", "gpt-5-mini", "o3", "o4-mini", "text-embedding-3-small", "text-embedding-3-large"];

    public Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) => Task.FromResult(Answer(request));

    private UpstreamReply Answer(UpstreamRequest request)
    {
        if (request.Credential() is not { } key)
            return UpstreamErrors.KeyMissing();
        if (acceptedKeys is not null && !acceptedKeys.Contains(key))
            return UpstreamErrors.KeyRefused();

        return (request.Method, Operation(request.Path)) switch
        {
            ("POST", "chat/completions") => Read(request, (body, model) => Chat(request, ChatRequestReader.Read(body, model))),
            ("POST", "embeddings") => Read(request, (body, _) => Embed(body)),
            ("GET", "models") => UpstreamReply.Json(200, ModelList(request.Provider)),
            _ => UpstreamErrors.PathUnknown(request.Method, request.Provider.Prefix + request.Path),
        };
    }

    /// <summary>The path without what stands before it: a version, a deployment, a compatibility folder.</summary>
    private static string Operation(string path)
    {
        foreach (var operation in new[] { "chat/completions", "embeddings", "models" })
            if (path == operation || path.EndsWith("/" + operation, StringComparison.Ordinal))
                return operation;
        return path;
    }

    private static UpstreamReply Read(UpstreamRequest request, Func<JsonElement, string?, UpstreamReply> answer)
    {
        try
        {
            using var body = JsonDocument.Parse(request.Body);
            return answer(body.RootElement, DeploymentOf(request));
        }
        catch (ChatRequestException refused)
        {
            return UpstreamErrors.BadRequest(refused.Message, refused.Param, refused.Code);
        }
        catch (SchemaSampleException refused)
        {
            return UpstreamErrors.BadRequest($"Invalid schema: {refused.Message}.", "response_format", "invalid_json_schema");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-8 or a lone surrogate shows only when it is read.
            return UpstreamErrors.BadRequest("We could not parse the JSON body of your request.");
        }
    }

    private UpstreamReply Chat(UpstreamRequest request, ChatRequest chat)
    {
        if (IsUnknown(chat.Model))
            return UpstreamErrors.ModelUnknown(chat.Model);
        var digest = ChatAnswer.Digest(Encoding.UTF8.GetString(request.Body.Span));
        var completion = new ChatCompletion(
            chat, ChatAnswer.To(chat, request.Provider.Slug), $"chatcmpl-{digest[..29]}", time.GetUtcNow().ToUnixTimeSeconds());
        KeyValuePair<string, string> id = new("x-request-id", $"req_{digest[..32]}");
        return chat.Stream ? UpstreamReply.Events(completion.Events(), id) : UpstreamReply.Json(200, completion.Whole(), id);
    }

    private static UpstreamReply Embed(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("model", out var name) || name.ValueKind != JsonValueKind.String)
            return UpstreamErrors.BadRequest("you must provide a model parameter", "model");
        var model = name.GetString()!;
        return IsUnknown(model) ? UpstreamErrors.ModelUnknown(model) : UpstreamReply.Json(200, Embeddings.Answer(body, model));
    }

    private static bool IsUnknown(string model) => model[(model.LastIndexOf('/') + 1)..].StartsWith(UnknownModelPrefix, StringComparison.Ordinal);

    private static byte[] ModelList(GatewayProvider provider) => WireJson.Bytes(new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. Models.Select(model => (JsonNode)new JsonObject
        {
            ["id"] = model,
            ["object"] = "model",
            ["created"] = 1_735_689_600, // 2025-01-01
            ["owned_by"] = provider.Slug,
        })]),
    });

    /// <summary>Azure names the model by its deployment: `{resource}/{deployment}/chat/completions`.</summary>
    private static string? DeploymentOf(UpstreamRequest request) =>
        request.Provider.Slug == GatewayProvider.AzureOpenAi && request.Path.Split('/') is [_, { Length: > 0 } deployment, "chat", ..] ? deployment : null;
}
