using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Bedrock;

/// <summary>Reads a Converse body.</summary>
public static class ConverseReader
{
    private static readonly string[] Roles = ["user", "assistant"];

    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static Conversation Read(Fields body, string model)
    {
        var turns = new List<Turn>();
        foreach (var block in body.Objects("system"))
            turns.Add(new Turn(Speaker.System, block.Text("text") ?? ""));
        var before = turns.Count;
        foreach (var message in body.Objects("messages"))
            Content(message, (message.OneOf("role", Roles) ?? throw message.Missing("role")) == "user" ? Speaker.User : Speaker.Assistant, turns);
        if (turns.Count == before)
            throw body.Words.Empty("messages");

        var config = body.Object("inferenceConfig");
        var (tools, use, demanded) = Tools(body);
        config?.Number("temperature", 0, 1);
        config?.Number("topP", 0, 1);
        return new Conversation
        {
            Model = model,
            Turns = turns,
            Tools = tools,
            ToolUse = use,
            DemandedTool = demanded,
            MaxTokens = config?.Whole("maxTokens", least: 1),
            Stops = config?.Texts("stopSequences") ?? [],
        };
    }

    private static void Content(Fields message, Speaker speaker, List<Turn> turns)
    {
        var (texts, attachments, results) = (new List<string>(), 0, 0);
        foreach (var block in message.Objects("content"))
        {
            if (block.Text("text") is { } text)
            {
                texts.Add(text);
            }
            else if (block.Object("toolResult") is { } result)
            {
                result.RequiredText("toolUseId");
                turns.Add(new Turn(Speaker.Tool, string.Join('\n', result.Objects("content").Select(Result))));
                results++;
            }
            else if (block.Has("image", out _) || block.Has("document", out _) || block.Has("video", out _))
            {
                attachments++;
            }
        }
        if (texts.Count > 0 || attachments > 0 || results == 0)
            turns.Add(new Turn(speaker, string.Join('\n', texts), attachments));
    }

    private static string Result(Fields part) => part.Text("text") ?? (part.Has("json", out var json) ? json.GetRawText() : "");

    private static (IReadOnlyList<Tool> Tools, ToolUse Use, string? Demanded) Tools(Fields body)
    {
        if (body.Object("toolConfig") is not { } config)
            return ([], ToolUse.Auto, null);
        var tools = new List<Tool>();
        foreach (var tool in config.Objects("tools"))
            if (tool.Object("toolSpec") is { } described)
                tools.Add(new Tool(described.RequiredText("name"), described.RequiredObject("inputSchema").Object("json")?.Value));
        if (config.Object("toolChoice") is not { } choice)
            return (tools, ToolUse.Auto, null);
        if (choice.Has("any", out _))
            return (tools, ToolUse.Required, null);
        if (choice.Object("tool") is not { } named)
            return (tools, ToolUse.Auto, null);
        var name = named.RequiredText("name");
        return tools.Exists(tool => tool.Name == name)
            ? (tools, ToolUse.Required, name)
            : throw new RefusedException($"The tool {name} in toolChoice is not defined in toolConfig.", "toolConfig.toolChoice");
    }
}
