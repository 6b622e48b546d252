using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Wire;

/// <summary>A message and its parts. What chat completions cannot carry throws; what only records an earlier answer (usage, reasoning) is left out.</summary>
internal static class MessageWriter
{
    public static void WriteText(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, text);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ChatMessage message)
    {
        var contents = message.Contents;
        if (contents is [TextContent { Text: var text }] && message.AuthorName is null)
        {
            WriteText(json, message.Role.Value, text);
            return;
        }
        // Each result is a message of its own, whichever role it was put under.
        foreach (var result in contents.OfType<FunctionResultContent>()) WriteResult(json, result);
        var parts = contents.Where(part => part is not (FunctionResultContent or FunctionCallContent or UsageContent or TextReasoningContent or ErrorContent)).ToList();
        var calls = contents.OfType<FunctionCallContent>().ToList();
        if (message.Role == ChatRole.Tool && parts.Count == 0 && calls.Count == 0) return;

        json.WriteStartObject();
        json.WriteString("role"u8, message.Role.Value);
        if (message.AuthorName is { Length: > 0 } name) json.WriteString("name"u8, name);
        if (parts.Count == 0 && calls.Count > 0) json.WriteNull("content"u8);
        else if (parts.All(part => part is TextContent) && (parts.Count <= 1 || message.Role == ChatRole.Assistant)) json.WriteString("content"u8, string.Concat(parts.Cast<TextContent>().Select(part => part.Text)));
        else
        {
            json.WriteStartArray("content"u8);
            foreach (var part in parts) PartWriter.Write(json, part);
            json.WriteEndArray();
        }
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var call in calls) WriteCall(json, call);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, FunctionResultContent result)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteString("tool_call_id"u8, result.CallId);
        json.WriteString("content"u8, Text(result.Result));
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, FunctionCallContent call)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, call.CallId);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Name);
        json.WriteString("arguments"u8, JsonText.ArgumentsOf(call));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Text(object? result) => result switch
    {
        null => "null",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions.GetTypeInfo(result.GetType())),
    };
}
