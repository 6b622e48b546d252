using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>`tools` and `tool_choice` of a chat completions request.</summary>
public sealed record ChatTools(IReadOnlyList<Tool> Tools, ToolUse Use, string? Demanded)
{
    private static readonly string[] Kinds = ["function", "custom"];

    public static ChatTools Read(Fields body)
    {
        var tools = new List<Tool>();
        foreach (var tool in body.Objects("tools"))
        {
            var kind = tool.OneOf("type", Kinds) ?? throw tool.Missing("type");
            var described = tool.RequiredObject(kind);
            var name = described.RequiredText("name");
            tools.Add(new Tool(name, described.Has("parameters", out var schema) ? ObjectSchema(described, schema) : null, FreeForm: kind == "custom"));
        }
        var (use, demanded) = Choice(body, tools);
        return new ChatTools(tools, use, demanded);
    }

    private static (ToolUse Use, string? Demanded) Choice(Fields body, List<Tool> tools)
    {
        if (!body.Has("tool_choice", out var choice))
            return (ToolUse.Auto, null);
        if (tools.Count == 0)
            throw new RefusedException("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "none" => (ToolUse.Never, null),
                "auto" => (ToolUse.Auto, null),
                "required" or "any" => (ToolUse.Required, null),
                var other => throw body.Words.NotOneOf("tool_choice", other!, ["none", "auto", "required"]),
            };
        }
        var named = Fields.Of(choice, "tool_choice", body.Words);
        var name = named.RequiredObject(named.OneOf("type", Kinds) ?? throw named.Missing("type")).RequiredText("name");
        return tools.Exists(tool => tool.Name == name)
            ? (ToolUse.Required, name)
            : throw new RefusedException($"Invalid value for 'tool_choice': tool '{name}' is not in 'tools'.", "tool_choice");
    }

    private static JsonElement ObjectSchema(Fields described, JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        ? schema
        : throw described.Words.WrongType(described.Words.Member(described.Path, "parameters"), "an object", schema);
}
