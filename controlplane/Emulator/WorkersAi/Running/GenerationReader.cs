using System.Text.Json;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.Simulation;
using GatewayOps.Emulator.WorkersAi.Catalogue;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <param name="JsonMode">`response_format` asks for JSON: the answer is a value, not a text.</param>
public sealed record GenerationRequest(Conversation Conversation, bool Stream, bool JsonMode, bool HasTools);

/// <summary>Reads the input of a text generation model: a prompt, or messages (contract section 16).</summary>
public static class GenerationReader
{
    /// <summary>Most tokens of an answer when the request does not say; the newer models have no such limit.</summary>
    public const int UsualMaxTokens = 256;

    private static readonly string[] Formats = ["json_object", "json_schema"];

    /// <exception cref="RefusedException">The first thing that does not fit the schema.</exception>
    public static GenerationRequest Read(Fields input, AiModel model)
    {
        var turns = Turns(input);
        CheckSampling(input);
        var tools = input.Objects("tools").Select(Tool).ToArray();
        var format = input.Object("response_format");
        var type = format?.OneOf("type", Formats);
        var conversation = new Conversation
        {
            Model = model.Name,
            Turns = turns,
            Tools = model.CallsTools ? tools : [],
            ToolUse = Choice(input, out var demanded),
            DemandedTool = demanded is not null && Array.Exists(tools, tool => tool.Name == demanded) ? demanded : null,
            Schema = type == "json_schema" ? Schema(format!.Value) : null,
            JsonObject = type is not null,
            MaxTokens = input.Whole("max_tokens", least: 1) ?? input.Whole("max_completion_tokens", least: 1) ?? (model.IsOpenAiShaped ? null : UsualMaxTokens),
            Stops = input.TextOrTexts("stop"),
            Effort = input.Text("reasoning_effort"),
        };
        return new GenerationRequest(conversation, input.Flag("stream") ?? false, type is not null, tools.Length > 0 && model.CallsTools);
    }

    private static IReadOnlyList<Turn> Turns(Fields input)
    {
        if (input.Text("prompt") is { } prompt)
            return prompt.Length > 0 ? [new Turn(Speaker.User, prompt)] : throw input.Words.Empty("/prompt");
        if (!input.Has("messages", out _))
            throw new RefusedException("oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt', required properties at '/' are 'messages'");
        var turns = input.Objects("messages").Select(Turn).ToArray();
        return turns.Length > 0 ? turns : throw input.Words.Empty("/messages");
    }

    private static Turn Turn(Fields message)
    {
        var speaker = message.RequiredText("role") switch
        {
            "system" or "developer" => Speaker.System,
            "assistant" => Speaker.Assistant,
            "tool" => Speaker.Tool,
            _ => Speaker.User,
        };
        if (!message.Has("content", out var content))
            return speaker == Speaker.Assistant ? new Turn(speaker, "") : throw message.Missing("content");
        if (content.ValueKind == JsonValueKind.String)
            return new Turn(speaker, content.GetString()!);
        if (content.ValueKind == JsonValueKind.Object)
            return Fields.Of(content, message.Words.Member(message.Path, "content"), message.Words) is var part && part.Text("text") is { } only
                ? new Turn(speaker, only)
                : new Turn(speaker, "", Attachments: 1);
        var (texts, attachments) = (new List<string>(), 0);
        foreach (var part in message.Objects("content"))
        {
            if (part.Text("text") is { } text)
                texts.Add(text);
            else
                attachments++;
        }
        return new Turn(speaker, string.Join('\n', texts), attachments);
    }

    /// <summary>`{name,description,parameters}`, or the same inside OpenAI's `{type:"function",function}`.</summary>
    private static Tool Tool(Fields tool)
    {
        var described = tool.Object("function") ?? tool;
        return new Tool(described.RequiredText("name"), described.Object("parameters")?.Value);
    }

    private static ToolUse Choice(Fields input, out string? demanded)
    {
        demanded = null;
        if (!input.Has("tool_choice", out var choice))
            return ToolUse.Auto;
        if (choice.ValueKind == JsonValueKind.Object)
        {
            demanded = Fields.Of(choice, "/tool_choice", input.Words).Object("function")?.Text("name");
            return ToolUse.Required;
        }
        return input.Text("tool_choice") switch { "none" => ToolUse.Never, "required" or "any" => ToolUse.Required, _ => ToolUse.Auto };
    }

    /// <summary>The schema itself, or OpenAI's `{name,schema}` around it.</summary>
    private static JsonElement Schema(Fields format)
    {
        var given = format.RequiredObject("json_schema");
        return given.Object("schema") is { } wrapped && !given.Has("type", out _) && !given.Has("properties", out _) ? wrapped.Value : given.Value;
    }

    private static void CheckSampling(Fields input)
    {
        input.Number("temperature", 0, 5);
        input.Number("top_p", 0, 2);
        input.Whole("top_k", 1, 50);
        input.Number("seed", 1, 9_999_999_999);
        input.Number("repetition_penalty", 0, 2);
        input.Number("frequency_penalty", -2, 2);
        input.Number("presence_penalty", -2, 2);
        input.Flag("raw");
    }
}
