using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>Reads a Responses body as strictly as the real API does for what it uses.</summary>
public static class ResponsesReader
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];
    private static readonly string[] Summaries = ["auto", "concise", "detailed"];
    private static readonly string[] Truncations = ["auto", "disabled"];

    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static ResponsesRequest Read(Fields body, StoredResponses earlier)
    {
        var model = body.RequiredText("model");
        var turns = new List<Turn>(Earlier(body, earlier));
        ResponsesInput.Read(body, turns);
        var tools = ResponsesTools.Read(body);
        var format = body.Object("text")?.Object("format") is { } asked ? ResponseFormat.ReadFlat(asked) : ResponseFormat.Text;
        var reasoning = body.Object("reasoning");
        var effort = reasoning?.OneOf("effort", Efforts);
        var summary = reasoning?.OneOf("summary", Summaries);
        body.Number("temperature", 0, 2);
        body.Number("top_p", 0, 1);
        body.OneOf("truncation", Truncations);
        var include = body.Texts("include");
        var conversation = new Conversation
        {
            Model = model,
            Turns = body.Text("instructions") is { Length: > 0 } instructions ? [new Turn(Speaker.System, instructions), .. turns] : turns,
            Tools = tools.Tools,
            ToolUse = tools.Use,
            DemandedTool = tools.Demanded,
            ParallelCalls = body.Flag("parallel_tool_calls") ?? true,
            Schema = format.Schema,
            JsonObject = format.JsonObject,
            MaxTokens = body.Whole("max_output_tokens", least: 16),
            Effort = effort,
        };
        return new ResponsesRequest(
            conversation, turns, body.Flag("stream") ?? false, body.Flag("store") ?? true, summary is not null,
            include.Contains("reasoning.encrypted_content"),
            include.Contains("message.output_text.logprobs") ? body.Whole("top_logprobs", 0, 20) ?? 0 : null,
            body);
    }

    private static IReadOnlyList<Turn> Earlier(Fields body, StoredResponses earlier)
    {
        if (body.Text("previous_response_id") is not { } id)
            return [];
        return earlier.Find(id)?.Turns
            ?? throw new RefusedException($"Previous response with id '{id}' not found.", "previous_response_id", "previous_response_not_found");
    }
}
