using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <summary>The Messages API: create (plain and streamed), count tokens, models.</summary>
public static class MessagesOperations
{
    private const string Version = "anthropic-version";

    /// <param name="folder">What stands before `messages`: `v1/`.</param>
    public static IEnumerable<Operation> At(string folder)
    {
        yield return new("POST", folder + "messages", AnthropicErrors.Instance, call => Create(call, model: null));
        yield return new("POST", folder + "messages/count_tokens", AnthropicErrors.Instance, CountTokens);
        yield return new("GET", folder + "models", AnthropicErrors.Instance, Models, ReadsJson: false);
        yield return new("GET", folder + "models/*", AnthropicErrors.Instance, Model, ReadsJson: false);
    }

    /// <summary>The same API on Bedrock and Vertex: the address names the model, the body the version.</summary>
    /// <param name="streams">The address says it; null where the body does.</param>
    public static UpstreamReply CreateAt(SimulatedCall call, string model, bool? streams = null)
    {
        var body = call.Body(AnthropicWords.Instance);
        body.RequiredText("anthropic_version");
        return Answer(call, MessagesReader.Read(body, model), streams);
    }

    public static MessageObject Message(SimulatedCall call, MessagesRequest request)
    {
        var answer = call.Answer(request.Conversation);
        return new MessageObject(call.Digest, request, answer with { Tokens = call.Provider.Prompts.Meet(request.Conversation, answer.Tokens, onlyMarked: true) });
    }

    private static UpstreamReply Create(SimulatedCall call, string? model)
    {
        if (call.Request.Header(Version) is null)
            throw new RefusedException($"{Version}: header is required", Version);
        return Answer(call, MessagesReader.Read(call.Body(AnthropicWords.Instance), model), streams: null);
    }

    private static UpstreamReply Answer(SimulatedCall call, MessagesRequest request, bool? streams)
    {
        var message = Message(call, request);
        KeyValuePair<string, string> id = new("request-id", $"req_{call.Digest[..24]}");
        return streams ?? request.Stream ? MessageStream.Of(message).ToReply(id) : UpstreamReply.Json(200, message.Whole(), id);
    }

    private static UpstreamReply CountTokens(SimulatedCall call)
    {
        var request = MessagesReader.Read(call.Body(AnthropicWords.Instance), model: null, counts: true);
        call.Provider.RequireModel(request.Conversation.Model);
        return UpstreamReply.Json(200, WireJson.Bytes(SimulatedModel.PromptTokens(request.Conversation), static (json, tokens) =>
        {
            json.WriteStartObject();
            json.WriteNumber("input_tokens"u8, tokens);
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Models(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(call.Provider.Models, static (json, models) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var model in models)
            WriteModel(json, model);
        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, false);
        json.WriteTextOrNull("first_id"u8, models.Count > 0 ? models[0] : null);
        json.WriteTextOrNull("last_id"u8, models.Count > 0 ? models[^1] : null);
        json.WriteEndObject();
    }));

    private static UpstreamReply Model(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        return UpstreamReply.Json(200, WireJson.Bytes(call.Captured, static (json, model) => WriteModel(json, model)));
    }

    private static void WriteModel(Utf8JsonWriter json, string model)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "model"u8);
        json.WriteString("id"u8, model);
        json.WriteString("display_name"u8, model);
        json.WriteString("created_at"u8, "2025-01-01T00:00:00Z"u8);
        json.WriteEndObject();
    }
}
