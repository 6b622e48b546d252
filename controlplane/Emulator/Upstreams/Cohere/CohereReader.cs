using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Cohere;

public sealed record CohereRequest(Conversation Conversation, bool Stream);

/// <summary>Reads a v2/chat body.</summary>
public static class CohereReader
{
    private static readonly string[] Roles = ["user", "assistant", "system", "tool"];
    private static readonly string[] Choices = ["REQUIRED", "NONE"];
    private static readonly string[] Formats = ["text", "json_object"];

    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static CohereRequest Read(Fields body)
    {
        var model = body.RequiredText("model");
        var turns = body.Objects("messages").Select(Turn).ToList();
        if (turns.Count == 0)
            throw body.Has("messages", out _) ? body.Words.Empty("messages") : body.Missing("messages");
        var tools = body.Objects("tools").Select(tool => tool.RequiredObject("function"))
            .Select(function => new Tool(function.RequiredText("name"), function.Object("parameters")?.Value)).ToArray();
        var format = body.Object("response_format");
        var isJson = format?.OneOf("type", Formats) == "json_object";
        body.Number("temperature", 0, 1);
        var thinking = body.Object("thinking");
        return new CohereRequest(new Conversation
        {
            Model = model,
            Turns = turns,
            Tools = tools,
            ToolUse = body.OneOf("tool_choice", Choices) switch { "REQUIRED" => ToolUse.Required, "NONE" => ToolUse.Never, _ => ToolUse.Auto },
            Schema = isJson ? (format?.Object("json_schema") ?? format?.Object("schema"))?.Value : null,
            JsonObject = isJson,
            MaxTokens = body.Whole("max_tokens", least: 1),
            Stops = body.Texts("stop_sequences"),
            Thinks = thinking?.Text("type") == "enabled",
            ThinkingBudget = thinking?.Whole("token_budget", least: 1),
        }, body.Flag("stream") ?? false);
    }

    private static Turn Turn(Fields message)
    {
        var speaker = (message.OneOf("role", Roles) ?? throw message.Missing("role")) switch
        {
            "user" => Speaker.User,
            "assistant" => Speaker.Assistant,
            "tool" => Speaker.Tool,
            _ => Speaker.System,
        };
        if (!message.Has("content", out var content))
            return speaker == Speaker.Assistant ? new Turn(speaker, "") : throw message.Missing("content");
        if (content.ValueKind == JsonValueKind.String)
            return new Turn(speaker, content.GetString()!);
        var (texts, attachments) = (new List<string>(), 0);
        foreach (var part in message.Objects("content"))
        {
            if (part.Text("text") is { } text)
                texts.Add(text);
            else if (part.Object("document") is { } document)
                texts.Add(document.Text("data") ?? (document.Has("data", out var data) ? data.GetRawText() : ""));
            else
                attachments++;
        }
        return new Turn(speaker, string.Join('\n', texts), attachments);
    }
}
