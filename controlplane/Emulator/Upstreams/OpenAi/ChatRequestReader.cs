using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>Reads a chat completions body as strictly as the real API does for what it uses; every other member is accepted and has no effect.</summary>
public static class ChatRequestReader
{
    private const int MostChoices = 128;
    private const int MostStops = 4;

    private static readonly string[] Roles = ["system", "assistant", "user", "function", "tool", "developer"];
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <param name="defaultModel">Where the address names the model (Azure's deployments); null where the body must.</param>
    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static ChatRequest Read(Fields body, string? defaultModel)
    {
        var model = body.Text("model") ?? defaultModel ?? throw body.Missing("model");
        if (model.Length == 0)
            throw body.Missing("model");
        var turns = Turns(body);
        var tools = ChatTools.Read(body);
        var format = ResponseFormat.Read(body);
        CheckSampling(body);
        var conversation = new Conversation
        {
            Model = model,
            Turns = turns,
            Tools = tools.Tools,
            ToolUse = tools.Use,
            DemandedTool = tools.Demanded,
            ParallelCalls = body.Flag("parallel_tool_calls") ?? true,
            Schema = format.Schema,
            JsonObject = format.JsonObject,
            MaxTokens = body.Whole("max_completion_tokens", least: 1) ?? body.Whole("max_tokens", least: 1),
            Stops = Stops(body),
            Effort = body.OneOf("reasoning_effort", Efforts),
        };
        var stream = body.Flag("stream") ?? false;
        var options = body.Object("stream_options");
        if (options is not null && !stream)
            throw new RefusedException("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        return new ChatRequest(
            conversation,
            stream,
            options?.Flag("include_usage") ?? false,
            body.Whole("n", 1, MostChoices) ?? 1,
            body.Flag("logprobs") ?? false ? body.Whole("top_logprobs", 0, 20) ?? 0 : null);
    }

    private static List<Turn> Turns(Fields body)
    {
        var turns = new List<Turn>();
        foreach (var message in body.Objects("messages"))
            turns.Add(Turn(message));
        if (turns.Count == 0)
            throw body.Has("messages", out _) ? body.Words.Empty("messages") : body.Missing("messages");
        return turns;
    }

    private static Turn Turn(Fields message)
    {
        var speaker = (message.OneOf("role", Roles) ?? throw message.Missing("role")) switch
        {
            "user" => Speaker.User,
            "assistant" => Speaker.Assistant,
            "tool" or "function" => Speaker.Tool,
            _ => Speaker.System,
        };
        if (speaker == Speaker.Tool && message.Text("role") == "tool" && message.Text("tool_call_id") is null)
            throw message.Missing("tool_call_id");
        if (!message.Has("content", out var content))
            return speaker == Speaker.Assistant ? new Turn(speaker, "") : throw message.Missing("content");
        if (content.ValueKind == JsonValueKind.String)
            return new Turn(speaker, content.GetString()!);
        if (content.ValueKind != JsonValueKind.Array)
            throw message.Words.WrongType(message.Words.Member(message.Path, "content"), "a string or an array of objects", content);
        return Parts(message, speaker);
    }

    private static Turn Parts(Fields message, Speaker speaker)
    {
        var (texts, attachments) = (new List<string>(), 0);
        foreach (var part in message.Objects("content"))
        {
            switch (part.RequiredText("type"))
            {
                case "text":
                    texts.Add(part.RequiredText("text"));
                    break;
                case "refusal":
                    texts.Add(part.RequiredText("refusal"));
                    break;
                case "image_url" or "input_audio" or "file" or "video_url" or "document_url" or "reference" or "thinking":
                    attachments++;
                    break;
                case var other:
                    throw part.Words.NotOneOf(part.Words.Member(part.Path, "type"), other, ["text", "image_url", "input_audio", "refusal", "file"]);
            }
        }
        return new Turn(speaker, string.Join('\n', texts), attachments);
    }

    private static IReadOnlyList<string> Stops(Fields body)
    {
        var stops = body.TextOrTexts("stop");
        return stops.Count <= MostStops
            ? stops
            : throw new RefusedException(
                $"Invalid 'stop': array too long. Expected an array with maximum length {MostStops}, but got an array with length {stops.Count} instead.",
                "stop", "array_above_max_length");
    }

    private static void CheckSampling(Fields body)
    {
        body.Number("temperature", 0, 2);
        body.Number("top_p", 0, 1);
        body.Number("presence_penalty", -2, 2);
        body.Number("frequency_penalty", -2, 2);
        body.Whole("seed");
    }
}
