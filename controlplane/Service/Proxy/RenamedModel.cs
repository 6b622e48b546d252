using System.Buffers;
using System.Text.Json;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Answers to a model that was asked for by an alias (`gpt4`, `default`) name it so: a client that compares finds what it sent. Everything else in the answer stays as it came.
/// Source: checklist S2-37.
/// </summary>
public static class RenamedModel
{
    /// <summary>The name that answers must have; null where the provider's own stays.</summary>
    public static string? NameFor(string? requested) => requested is not null && ModelRouting.IsAlias(requested) ? requested : null;

    /// <summary>An answer with its `model` replaced, at its top or within the `response` or `message` that an event holds; the answer itself where it has none or is no JSON.</summary>
    public static ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            return Find(json.Span) is var (start, length) ? Spliced(json.Span, start, length, name) : json;
        }
        catch (JsonException)
        {
            return json;
        }
    }

    /// <summary>The same for the data of an event, as the whole event; those that tell their type have it in the `event` line as well.</summary>
    public static byte[] Event(ReadOnlyMemory<byte> data, string name)
    {
        var renamed = In(data, name);
        return SseEvent.Of(renamed.Span, TypeOf(data.Span));
    }

    private static (int Start, int Length)? Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var isHeld = false;
        while (reader.Read())
        {
            if (reader.TokenType is not JsonTokenType.PropertyName || reader.CurrentDepth > 2)
            {
                continue;
            }

            if (reader.CurrentDepth == 1)
            {
                isHeld = reader.ValueTextEquals("response"u8) || reader.ValueTextEquals("message"u8);
            }

            if (!reader.ValueTextEquals("model"u8) || (reader.CurrentDepth == 2 && !isHeld))
            {
                continue;
            }

            reader.Read();
            if (reader.TokenType is JsonTokenType.String)
            {
                return ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
            }
        }

        return null;
    }

    private static byte[]? TypeOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                return reader.TokenType is JsonTokenType.String && !reader.ValueIsEscaped ? reader.ValueSpan.ToArray() : null;
            }
        }

        return null;
    }

    private static byte[] Spliced(ReadOnlySpan<byte> json, int start, int length, string name)
    {
        var value = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(value))
        {
            writer.WriteStringValue(name);
        }

        return [.. json[..start], .. value.WrittenSpan, .. json[(start + length)..]];
    }
}
