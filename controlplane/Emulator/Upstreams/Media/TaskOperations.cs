using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Media;

/// <summary>Hugging Face's inference of a model by its address, and Parallel's search.</summary>
public static class TaskOperations
{
    /// <summary>`{author}/{model}` with `inputs`: an array with the generated text.</summary>
    public static readonly IReadOnlyList<Operation> HuggingFace = [new("POST", "**", OpenAiErrors.Plain, Infer)];

    public static readonly IReadOnlyList<Operation> Parallel = [new("POST", "v1beta/search", OpenAiErrors.OpenAi, Search)];

    private static UpstreamReply Infer(SimulatedCall call)
    {
        var model = call.Captured;
        var body = call.Body(OpenAiWords.Instance);
        var inputs = body.TextOrTexts("inputs");
        if (inputs.Count == 0)
            throw body.Missing("inputs");
        var answers = inputs.Select(input => call.Answer(new Conversation
        {
            Model = model,
            Turns = [new Turn(Speaker.User, input)],
            MaxTokens = body.Object("parameters")?.Whole("max_new_tokens", least: 1),
        })).ToArray();
        return UpstreamReply.Json(200, WireJson.Bytes(answers, static (json, answers) =>
        {
            json.WriteStartArray();
            foreach (var answer in answers)
            {
                json.WriteStartObject();
                json.WriteString("generated_text"u8, answer.Text);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }));
    }

    private static UpstreamReply Search(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        var asked = body.Text("objective") ?? (body.Texts("search_queries") is [var first, ..] ? first : null) ?? throw body.Missing("objective");
        return UpstreamReply.Json(200, WireJson.Bytes((call, asked), static (json, made) =>
        {
            json.WriteStartObject();
            json.WriteString("search_id"u8, $"search_{made.call.Digest[..24]}");
            json.WriteStartArray("results"u8);
            json.WriteStartObject();
            json.WriteString("url"u8, "https://example.com/"u8);
            json.WriteString("title"u8, "Example"u8);
            json.WriteStartArray("excerpts"u8);
            json.WriteStringValue(made.asked);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }
}
