using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>What the simulator reads of a chat completions request; every other member is accepted and has no effect.</summary>
/// <param name="Schema">Schema of `response_format: json_schema`.</param>
/// <param name="JsonObject">`response_format: json_object`.</param>
/// <param name="MaxTokens">`max_completion_tokens`, else `max_tokens`.</param>
public sealed record ChatRequest(
    string Model,
    IReadOnlyList<ChatMessage> Messages,
    bool Stream,
    bool IncludeUsage,
    IReadOnlyList<ChatTool> Tools,
    ToolChoice ToolChoice,
    JsonElement? Schema,
    bool JsonObject,
    int? MaxTokens,
    IReadOnlyList<string> Stop,
    string? ReasoningEffort,
    int Choices)
{
    /// <summary>Text of the last message that the user wrote; empty when there is none.</summary>
    public string LastUserText => Messages.LastOrDefault(message => message.Role == "user")?.Text ?? "";
}

/// <param name="Text">The text parts, joined by a line feed.</param>
/// <param name="Attachments">Parts that are not text.</param>
public sealed record ChatMessage(string Role, string Text, int Attachments);

/// <param name="Parameters">The schema of the arguments; null for a function without any.</param>
public sealed record ChatTool(string Name, JsonElement? Parameters);

/// <param name="Mode">none, auto or required.</param>
/// <param name="Function">The one function that is demanded.</param>
public sealed record ToolChoice(string Mode, string? Function = null);
