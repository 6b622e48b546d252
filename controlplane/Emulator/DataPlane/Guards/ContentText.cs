using System.Text;
using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>The text in a body that scanners read: all texts of a JSON document, of an event stream the pieces put together again, of anything else the bytes.</summary>
public static class ContentText
{
    // Members of streamed events that carry a piece of what the model says, in the dialects of the providers.
    private static readonly HashSet<string> Pieces = new(StringComparer.Ordinal)
    {
        "content", "text", "delta", "arguments", "partial_json", "thinking", "reasoning", "reasoning_content", "refusal", "response", "completion",
    };

    public static string Of(ReadOnlySpan<byte> body) => IsEventStream(body) ? OfEvents(body) : OfDocument(body) ?? Encoding.UTF8.GetString(body);

    private static bool IsEventStream(ReadOnlySpan<byte> body) => body.StartsWith("data:"u8) || body.StartsWith("event:"u8) || body.StartsWith(":"u8) || body.StartsWith("id:"u8);

    private static string? OfDocument(ReadOnlySpan<byte> json)
    {
        var text = new StringBuilder();
        return Walk(json, (_, value) => text.Append(value).Append('\n')) ? text.ToString() : null;
    }

    private static string OfEvents(ReadOnlySpan<byte> events)
    {
        // A text that the provider cut in the middle is one text again.
        var text = new StringBuilder();
        foreach (var range in events.Split((byte)'\n'))
        {
            var line = events[range];
            if (line.StartsWith("data:"u8))
                Walk(line["data:"u8.Length..], (name, value) => text.Append(name is not null && Pieces.Contains(name) ? value : ""));
        }
        return text.ToString();
    }

    /// <summary>Shows every text with the name of the member that it is the value of, or stands in a list of. False when the bytes are no JSON.</summary>
    private static bool Walk(ReadOnlySpan<byte> json, Action<string?, string> show)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            string? name = null;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                    name = reader.GetString();
                else if (reader.TokenType == JsonTokenType.String)
                    show(name, reader.GetString()!);
            }
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
