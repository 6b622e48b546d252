using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>Member `input`: a text, or items of a conversation.</summary>
public static class ResponsesInput
{
    private static readonly string[] Roles = ["assistant", "system", "developer", "user"];

    // Items that a model wrote earlier or that a hosted tool left: they say nothing to the simulator.
    private static readonly HashSet<string> Silent =
    [
        "function_call", "custom_tool_call", "reasoning", "item_reference", "web_search_call", "file_search_call", "computer_call", "code_interpreter_call",
        "local_shell_call", "shell_call", "apply_patch_call", "image_generation_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response",
        "mcp_call", "compaction",
    ];

    private static readonly HashSet<string> Outputs =
        ["function_call_output", "custom_tool_call_output", "computer_call_output", "local_shell_call_output", "shell_call_output", "apply_patch_call_output"];

    /// <exception cref="RefusedException">An item that the API does not know, or one without its members.</exception>
    public static void Read(Fields body, List<Turn> turns)
    {
        if (!body.Has("input", out var input))
        {
            if (turns.Count == 0)
                throw body.Missing("input");
            return;
        }
        if (input.ValueKind == JsonValueKind.String)
        {
            turns.Add(new Turn(Speaker.User, input.GetString()!));
            return;
        }
        if (input.ValueKind != JsonValueKind.Array)
            throw body.Words.WrongType("input", "a string or an array of objects", input);
        foreach (var item in body.Objects("input"))
            Add(item, turns);
    }

    private static void Add(Fields item, List<Turn> turns)
    {
        var type = item.Text("type") ?? "message";
        if (type == "message")
            turns.Add(Message(item));
        else if (Outputs.Contains(type))
            turns.Add(Output(item));
        else if (!Silent.Contains(type))
            throw item.Words.NotOneOf(item.Words.Member(item.Path, "type"), type, ["message", .. Outputs.Order(StringComparer.Ordinal), .. Silent.Order(StringComparer.Ordinal)]);
    }

    private static Turn Message(Fields item)
    {
        var speaker = (item.OneOf("role", Roles) ?? throw item.Missing("role")) switch
        {
            "user" => Speaker.User,
            "assistant" => Speaker.Assistant,
            _ => Speaker.System,
        };
        return Content(item, "content", speaker);
    }

    private static Turn Output(Fields item)
    {
        item.RequiredText("call_id");
        if (!item.Has("output", out var output))
            throw item.Missing("output");
        return output.ValueKind == JsonValueKind.Object ? new Turn(Speaker.Tool, output.GetRawText()) : Content(item, "output", Speaker.Tool);
    }

    private static Turn Content(Fields item, string member, Speaker speaker)
    {
        if (!item.Has(member, out var content))
            throw item.Missing(member);
        if (content.ValueKind == JsonValueKind.String)
            return new Turn(speaker, content.GetString()!);
        var (texts, attachments) = (new List<string>(), 0);
        foreach (var part in item.Objects(member))
        {
            switch (part.RequiredText("type"))
            {
                case "input_text" or "output_text" or "text" or "summary_text":
                    texts.Add(part.RequiredText("text"));
                    break;
                case "refusal":
                    texts.Add(part.RequiredText("refusal"));
                    break;
                case "input_image" or "input_file" or "input_audio" or "computer_screenshot":
                    attachments++;
                    break;
                case var other:
                    throw part.Words.NotOneOf(
                        part.Words.Member(part.Path, "type"), other, ["input_text", "input_image", "output_text", "refusal", "input_file", "computer_screenshot", "summary_text"]);
            }
        }
        return new Turn(speaker, string.Join('\n', texts), attachments);
    }
}
