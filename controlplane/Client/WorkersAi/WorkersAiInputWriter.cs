using System.Text.Json;
using GatewayOps.Client.Wire;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.WorkersAi;

/// <summary>A conversation as a text model's input. Source: Cloudflare contract, section 16; checklist S4-10.</summary>
internal static class WorkersAiInputWriter
{
    private static readonly ChatOptions NoOptions = new();

    public static void Write(Utf8JsonWriter json, WorkersAiInput input, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        options ??= NoOptions;
        if (options.Tools is { Count: > 0 }) throw new NotSupportedException("Functions go through GatewayChatClient with the provider `cloudflare`: this client has text alone");
        var all = options.Instructions is { Length: > 0 } instructions ? messages.Prepend(new ChatMessage(ChatRole.System, instructions)) : messages;
        if (input == WorkersAiInput.Prompt) json.WriteString("prompt"u8, WorkersAiPrompt.Of(all));
        else
        {
            json.WriteStartArray("messages"u8);
            foreach (var message in all) MessageWriter.Write(json, message);
            json.WriteEndArray();
        }
        ChatRequestWriter.Sampling(json, options, options.Temperature);
        if (options.MaxOutputTokens is { } most) json.WriteNumber("max_tokens"u8, most);
        if (stream) json.WriteBoolean("stream"u8, true);
    }
}
