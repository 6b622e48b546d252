using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>`tools` and `tool_choice` of a Responses request. Hosted tools are accepted and never used.</summary>
public sealed record ResponsesTools(IReadOnlyList<Tool> Tools, ToolUse Use, string? Demanded)
{
    private static readonly string[] Kinds =
    [
        "function", "custom", "file_search", "web_search", "web_search_preview", "web_search_2025_08_26", "web_search_preview_2025_03_11", "computer_use_preview",
        "code_interpreter", "image_generation", "mcp", "local_shell", "shell", "apply_patch",
    ];

    public static ResponsesTools Read(Fields body)
    {
        var (tools, hosted) = (new List<Tool>(), 0);
        foreach (var tool in body.Objects("tools"))
        {
            switch (tool.OneOf("type", Kinds) ?? throw tool.Missing("type"))
            {
                case "function":
                    tools.Add(new Tool(tool.RequiredText("name"), tool.Object("parameters")?.Value));
                    break;
                case "custom":
                    tools.Add(new Tool(tool.RequiredText("name"), null, FreeForm: true));
                    break;
                default:
                    hosted++;
                    break;
            }
        }
        var (use, demanded) = Choice(body, tools);
        if (use == ToolUse.Required && tools.Count + hosted == 0)
            throw new RefusedException("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice");
        return new ResponsesTools(tools, use, demanded);
    }

    private static (ToolUse Use, string? Demanded) Choice(Fields body, List<Tool> tools)
    {
        if (!body.Has("tool_choice", out var choice))
            return (ToolUse.Auto, null);
        if (choice.ValueKind == JsonValueKind.String)
            return (Mode(body, choice.GetString()!), null);
        var named = Fields.Of(choice, "tool_choice", body.Words);
        switch (named.RequiredText("type"))
        {
            case "function" or "custom":
                var name = named.RequiredText("name");
                return tools.Exists(tool => tool.Name == name)
                    ? (ToolUse.Required, name)
                    : throw new RefusedException($"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice");
            case "allowed_tools":
                return (Mode(named, named.Text("mode") ?? "auto"), null);
            default:
                return (ToolUse.Auto, null); // a hosted tool
        }
    }

    private static ToolUse Mode(Fields at, string mode) => mode switch
    {
        "none" => ToolUse.Never,
        "auto" => ToolUse.Auto,
        "required" => ToolUse.Required,
        _ => throw at.Words.NotOneOf("tool_choice", mode, ["none", "auto", "required"]),
    };
}
