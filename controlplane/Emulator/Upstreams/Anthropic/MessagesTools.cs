using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <summary>`tools` and `tool_choice` of a Messages request. Anthropic's own tools (`web_search_20250305`, …) are accepted and never used.</summary>
public sealed record MessagesTools(IReadOnlyList<Tool> Tools, ToolUse Use, string? Demanded, bool Parallel)
{
    private static readonly string[] Choices = ["auto", "any", "tool", "none"];
    private static readonly string[] OwnTools = ["web_search_", "web_fetch_", "bash_", "text_editor_", "computer_", "code_execution_", "memory_", "tool_search_", "mcp_toolset"];

    public static MessagesTools Read(Fields body)
    {
        var tools = new List<Tool>();
        var index = 0;
        foreach (var tool in body.Objects("tools"))
        {
            var type = tool.Text("type") ?? "custom";
            if (type == "custom")
                tools.Add(new Tool(tool.RequiredText("name"), tool.RequiredObject("input_schema").Value));
            else if (!Array.Exists(OwnTools, own => type.StartsWith(own, StringComparison.Ordinal)))
                throw new RefusedException($"tools.{index}: Input tag '{type}' found using 'type' does not match any of the expected tags: 'bash_20250124', 'custom', 'text_editor_20250728', 'web_search_20250305'", $"tools.{index}");
            index++;
        }
        if (body.Object("tool_choice") is not { } choice)
            return new MessagesTools(tools, ToolUse.Auto, null, Parallel: true);

        var kind = choice.OneOf("type", Choices) ?? throw choice.Missing("type");
        if (index == 0 && kind != "none")
            throw new RefusedException("tool_choice may only be specified while providing tools", "tool_choice");
        var parallel = choice.Flag("disable_parallel_tool_use") != true;
        if (kind != "tool")
            return new MessagesTools(tools, kind switch { "any" => ToolUse.Required, "none" => ToolUse.Never, _ => ToolUse.Auto }, null, parallel);
        var name = choice.RequiredText("name");
        return tools.Exists(tool => tool.Name == name)
            ? new MessagesTools(tools, ToolUse.Required, name, parallel)
            : throw new RefusedException($"Tool '{name}' not found in provided tools", "tool_choice");
    }
}
