using System.Text.Json;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Tokens of one answer as the provider reported them. <paramref name="Cached"/> is a part of <paramref name="Input"/>, <paramref name="Reasoning"/> of <paramref name="Output"/>.</summary>
public sealed record TokenUsage(long Input, long Output, long? Cached = null, long? Reasoning = null)
{
    /// <summary>
    /// Reads the value of a `usage` member in OpenAI's shape; the reader stands on its first token and leaves on its last.
    /// Null for `null` and for anything without token counts: usage that is not known is not zero.
    /// </summary>
    public static TokenUsage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long? input = null, output = null, cached = null, reasoning = null;
        var depth = reader.CurrentDepth;
        while (reader.Read() && !(reader.TokenType is JsonTokenType.EndObject && reader.CurrentDepth == depth))
        {
            if (reader.TokenType is not JsonTokenType.PropertyName)
            {
                continue;
            }

            var isTop = reader.CurrentDepth == depth + 1;
            if (isTop && (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8)))
            {
                input = Count(ref reader);
            }
            else if (isTop && (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8)))
            {
                output = Count(ref reader);
            }
            else if (!isTop && reader.ValueTextEquals("cached_tokens"u8))
            {
                cached = Count(ref reader);
            }
            else if (!isTop && reader.ValueTextEquals("reasoning_tokens"u8))
            {
                reasoning = Count(ref reader);
            }
        }

        return input is null && output is null ? null : new TokenUsage(input ?? 0, output ?? 0, cached, reasoning);
    }

    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0)
        {
            return count;
        }

        reader.Skip();
        return null;
    }
}
