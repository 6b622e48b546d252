using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <param name="Thinking">The answer shows what was thought.</param>
public sealed record MessagesRequest(Conversation Conversation, bool Stream, bool Thinking);

/// <summary>Reads a Messages body as strictly as the real API does for what it uses.</summary>
public static class MessagesReader
{
    private const int LeastBudget = 1024;

    private static readonly string[] Roles = ["user", "assistant"];
    private static readonly string[] ThinkingTypes = ["enabled", "disabled", "adaptive"];
    private static readonly string[] Efforts = ["low", "medium", "high", "xhigh", "max"];

    /// <param name="model">Where the address names it (Bedrock, Vertex); null where the body must.</param>
    /// <param name="counts">The request only counts tokens: `max_tokens` is no member of it.</param>
    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static MessagesRequest Read(Fields body, string? model, bool counts = false)
    {
        var name = model ?? body.RequiredText("model");
        var most = body.Whole("max_tokens", least: 1);
        if (most is null && !counts)
            throw body.Missing("max_tokens");
        var turns = new List<Turn>();
        if (body.Has("system", out _))
            Content(body, "system", Speaker.System, turns);
        var thinking = Thinking(body, most);
        Messages(body, turns);
        var tools = MessagesTools.Read(body);
        body.Number("temperature", 0, 1);
        body.Number("top_p", 0, 1);
        body.Whole("top_k", least: 0);
        var conversation = new Conversation
        {
            Model = name,
            Turns = turns,
            Tools = tools.Tools,
            ToolUse = tools.Use,
            DemandedTool = tools.Demanded,
            ParallelCalls = tools.Parallel,
            Schema = Schema(body),
            MaxTokens = most,
            Stops = body.Texts("stop_sequences"),
            Thinks = thinking is not null,
            ThinkingBudget = thinking,
            Effort = body.Object("output_config")?.OneOf("effort", Efforts),
        };
        return new MessagesRequest(conversation, body.Flag("stream") ?? false, thinking is not null);
    }

    private static void Messages(Fields body, List<Turn> turns)
    {
        if (!body.Has("messages", out var messages))
            throw body.Missing("messages");
        if (messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() == 0)
            throw body.Words.Empty("messages");
        foreach (var message in body.Objects("messages"))
        {
            var role = message.OneOf("role", Roles) ?? throw message.Missing("role");
            Content(message, "content", role == "user" ? Speaker.User : Speaker.Assistant, turns);
        }
    }

    /// <summary>A text or blocks. The results of tools are turns of their own, before what the user says beside them.</summary>
    private static void Content(Fields at, string member, Speaker speaker, List<Turn> turns)
    {
        if (!at.Has(member, out var content))
            throw at.Missing(member);
        if (content.ValueKind == JsonValueKind.String)
        {
            turns.Add(new Turn(speaker, content.GetString()!));
            return;
        }
        var (texts, attachments, results, marked) = (new List<string>(), 0, 0, false);
        foreach (var block in at.Objects(member))
        {
            var isMarked = block.Object("cache_control") is not null;
            marked |= isMarked;
            switch (block.RequiredText("type"))
            {
                case "text":
                    texts.Add(block.RequiredText("text"));
                    break;
                case "tool_result":
                    block.RequiredText("tool_use_id");
                    turns.Add(new Turn(Speaker.Tool, Result(block), EndsCachedPrefix: isMarked));
                    results++;
                    break;
                case "tool_use" or "server_tool_use":
                    block.RequiredText("id");
                    block.RequiredText("name");
                    break;
                case "image" or "document" or "search_result" or "container_upload":
                    attachments++;
                    break;
                case "thinking" or "redacted_thinking" or "web_search_tool_result" or "web_fetch_tool_result" or "code_execution_tool_result" or "mcp_tool_use" or "mcp_tool_result":
                    break;
                case var other:
                    throw new RefusedException(
                        $"{block.Path}: Input tag '{other}' found using 'type' does not match any of the expected tags: 'document', 'image', 'search_result', 'text', "
                        + "'thinking', 'redacted_thinking', 'tool_result', 'tool_use'", block.Path);
            }
        }
        if (texts.Count > 0 || attachments > 0 || results == 0)
            turns.Add(new Turn(speaker, string.Join('\n', texts), attachments, marked));
    }

    private static string Result(Fields block)
    {
        if (!block.Has("content", out var content))
            return "";
        return content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : string.Join('\n', block.Objects("content").Select(part => part.Text("text") ?? ""));
    }

    private static JsonElement? Schema(Fields body)
    {
        var format = body.Object("output_config")?.Object("format") ?? body.Object("output_format");
        return format is { } asked && asked.OneOf("type", ["json_schema"]) is not null ? asked.RequiredObject("schema").Value : null;
    }

    /// <summary>Tokens for thinking; null where it is off.</summary>
    private static int? Thinking(Fields body, int? most)
    {
        if (body.Object("thinking") is not { } thinking)
            return null;
        switch (thinking.OneOf("type", ThinkingTypes) ?? throw thinking.Missing("type"))
        {
            case "enabled":
                var budget = thinking.Whole("budget_tokens", LeastBudget) ?? throw thinking.Missing("budget_tokens");
                return most is null || budget < most
                    ? budget
                    : throw new RefusedException("`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation.", "max_tokens");
            case "adaptive":
                return int.MaxValue;
            default:
                return null;
        }
    }
}
