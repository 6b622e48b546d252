using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>Reads a chat completions body as strictly as the real API does for what it uses.</summary>
public static class ChatRequestReader
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <exception cref="ChatRequestException">The first thing that is wrong, with its parameter.</exception>
    public static ChatRequest Read(JsonElement body, string? defaultModel)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw new ChatRequestException("The body must be a JSON object.", null);

        var model = Text(body, "model") ?? defaultModel ?? throw new ChatRequestException("you must provide a model parameter", "model");
        var tools = Tools(body);
        var (schema, jsonObject) = ResponseFormat(body);
        return new ChatRequest(
            model,
            Messages(body),
            Flag(body, "stream"),
            body.TryGetProperty("stream_options", out var options) && options.ValueKind == JsonValueKind.Object && Flag(options, "include_usage"),
            tools,
            Choice(body, tools),
            schema,
            jsonObject,
            Number(body, "max_completion_tokens", 1) ?? Number(body, "max_tokens", 1),
            Stop(body),
            Text(body, "reasoning_effort"),
            Number(body, "n", 1) is { } n ? Math.Min(n, 16) : 1);
    }

    private static List<ChatMessage> Messages(JsonElement body)
    {
        if (!body.TryGetProperty("messages", out var messages))
            throw new ChatRequestException("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        if (messages.ValueKind != JsonValueKind.Array)
            throw new ChatRequestException("Invalid type for 'messages': expected an array of objects.", "messages", "invalid_type");
        if (messages.GetArrayLength() == 0)
            throw new ChatRequestException("Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages", "empty_array");

        var read = new List<ChatMessage>(messages.GetArrayLength());
        foreach (var message in messages.EnumerateArray())
        {
            var at = $"messages[{read.Count}]";
            if (message.ValueKind != JsonValueKind.Object)
                throw new ChatRequestException($"Invalid type for '{at}': expected an object.", at, "invalid_type");
            var role = Text(message, "role");
            if (role is null || !Roles.Contains(role))
                throw new ChatRequestException($"Invalid value for '{at}.role'. Supported values are: {string.Join(", ", Roles)}.", $"{at}.role", "invalid_value");
            read.Add(Message(message, role, at));
        }
        return read;
    }

    private static ChatMessage Message(JsonElement message, string role, string at)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null)
            return new ChatMessage(role, "", 0);
        if (content.ValueKind == JsonValueKind.String)
            return new ChatMessage(role, content.GetString()!, 0);
        if (content.ValueKind != JsonValueKind.Array)
            throw new ChatRequestException($"Invalid type for '{at}.content': expected a string or an array of parts.", $"{at}.content", "invalid_type");

        var texts = new List<string>();
        var attachments = 0;
        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object)
                throw new ChatRequestException($"Invalid type for a part of '{at}.content': expected an object.", $"{at}.content", "invalid_type");
            if (Text(part, "type") == "text" && Text(part, "text") is { } text)
                texts.Add(text);
            else
                attachments++;
        }
        return new ChatMessage(role, string.Join('\n', texts), attachments);
    }

    private static List<ChatTool> Tools(JsonElement body)
    {
        var read = new List<ChatTool>();
        if (!body.TryGetProperty("tools", out var tools) || tools.ValueKind != JsonValueKind.Array)
            return read;
        foreach (var tool in tools.EnumerateArray())
        {
            var at = $"tools[{read.Count}].function";
            if (tool.ValueKind != JsonValueKind.Object || !tool.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
                throw new ChatRequestException($"Missing required parameter: '{at}'.", at, "missing_required_parameter");
            var name = Text(function, "name") ?? throw new ChatRequestException($"Missing required parameter: '{at}.name'.", $"{at}.name", "missing_required_parameter");
            read.Add(new ChatTool(name, function.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters : null));
        }
        return read;
    }

    private static ToolChoice Choice(JsonElement body, List<ChatTool> tools)
    {
        if (!body.TryGetProperty("tool_choice", out var choice) || choice.ValueKind == JsonValueKind.Null)
            return new ToolChoice("auto");
        if (tools.Count == 0)
            throw new ChatRequestException("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
        if (choice.ValueKind == JsonValueKind.String && choice.GetString() is "none" or "auto" or "required")
            return new ToolChoice(choice.GetString()!);
        if (choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
            && Text(function, "name") is { } name)
        {
            return tools.Exists(tool => tool.Name == name)
                ? new ToolChoice("required", name)
                : throw new ChatRequestException($"Invalid value for 'tool_choice': tool '{name}' is not in 'tools'.", "tool_choice");
        }
        throw new ChatRequestException("Invalid value for 'tool_choice'.", "tool_choice", "invalid_value");
    }

    private static (JsonElement? Schema, bool JsonObject) ResponseFormat(JsonElement body)
    {
        if (!body.TryGetProperty("response_format", out var format) || format.ValueKind != JsonValueKind.Object)
            return (null, false);
        switch (Text(format, "type"))
        {
            case "text":
                return (null, false);
            case "json_object":
                return (null, true);
            case "json_schema":
                return format.TryGetProperty("json_schema", out var named) && named.ValueKind == JsonValueKind.Object && named.TryGetProperty("schema", out var schema)
                    ? (schema, false)
                    : throw new ChatRequestException("Missing required parameter: 'response_format.json_schema.schema'.", "response_format.json_schema", "missing_required_parameter");
            default:
                throw new ChatRequestException("Invalid value for 'response_format.type'.", "response_format.type", "invalid_value");
        }
    }

    private static List<string> Stop(JsonElement body)
    {
        if (!body.TryGetProperty("stop", out var stop))
            return [];
        return stop.ValueKind switch
        {
            JsonValueKind.String => [stop.GetString()!],
            JsonValueKind.Array => [.. stop.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)],
            _ => [],
        };
    }

    private static string? Text(JsonElement of, string name)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new ChatRequestException($"Invalid type for '{name}': expected a string.", name, "invalid_type");
    }

    private static bool Flag(JsonElement of, string name)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new ChatRequestException($"Invalid type for '{name}': expected a boolean.", name, "invalid_type");
    }

    private static int? Number(JsonElement of, string name, int least)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number))
            throw new ChatRequestException($"Invalid type for '{name}': expected an integer.", name, "invalid_type");
        return number >= least
            ? number
            : throw new ChatRequestException($"Invalid '{name}': integer below minimum value. Expected a value >= {least}.", name, "integer_below_min_value");
    }
}

/// <summary>A request that the provider refuses with status 400.</summary>
public sealed class ChatRequestException(string message, string? param, string? code = null) : Exception(message)
{
    public string? Param => param;

    public string? Code => code;
}
