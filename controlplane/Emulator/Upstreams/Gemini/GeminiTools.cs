using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>`tools` and `toolConfig` of a generateContent request. Google's own tools (search, code execution, …) are accepted and never used.</summary>
public sealed record GeminiTools(IReadOnlyList<Tool> Tools, ToolUse Use, string? Demanded)
{
    private static readonly string[] Modes = ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"];

    public static GeminiTools Read(Fields body)
    {
        var tools = new List<Tool>();
        foreach (var tool in body.Objects("tools"))
        {
            foreach (var declared in tool.Objects(tool.NameOf("functionDeclarations")))
            {
                var name = declared.Text("name");
                if (string.IsNullOrEmpty(name))
                    throw new RefusedException($"* GenerateContentRequest.{declared.Path}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore.", $"{declared.Path}.name");
                tools.Add(new Tool(name, (declared.ObjectOf("parametersJsonSchema") ?? declared.Object("parameters"))?.Value));
            }
        }
        if (body.ObjectOf("toolConfig")?.ObjectOf("functionCallingConfig") is not { } config)
            return new GeminiTools(tools, ToolUse.Auto, null);

        var allowed = config.Texts(config.NameOf("allowedFunctionNames"));
        switch (config.OneOf("mode", Modes))
        {
            case "NONE":
                return new GeminiTools(tools, ToolUse.Never, null);
            case "ANY":
                if (tools.Count == 0)
                    throw new RefusedException("Function calling config is set without function_declarations.", "tool_config.function_calling_config");
                if (allowed.FirstOrDefault(name => !tools.Exists(tool => tool.Name == name)) is { } stranger)
                    throw new RefusedException($"* GenerateContentRequest.tool_config.function_calling_config.allowed_function_names: unknown function {stranger}\n", "tool_config");
                var callable = allowed.Count == 0 ? tools : tools.FindAll(tool => allowed.Contains(tool.Name));
                return new GeminiTools(callable, ToolUse.Required, callable.Count == 1 ? callable[0].Name : null);
            default:
                return new GeminiTools(tools, ToolUse.Auto, null);
        }
    }
}
