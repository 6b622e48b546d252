using System.Runtime.InteropServices;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// What one `usage` member told, in OpenAI's or Anthropic's words. A stream may tell it in parts: <see cref="Over"/> puts a later report over an earlier one.
/// Anthropic counts the tokens that it read from or wrote to its prompt cache beside `input_tokens`, OpenAI within them.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct UsageParts(long? Input, long? Output, long? Cached, long? Reasoning, long? CacheReads, long? CacheWrites)
{
    /// <summary>No model takes or gives so many: a larger number is noise, and would overflow sums.</summary>
    private const long Most = 1_000_000_000_000;

    /// <summary>Null for a report without token counts: usage that is not known is not zero.</summary>
    public TokenUsage? Usage => Input is null && Output is null
        ? null
        : new TokenUsage((Input ?? 0) + (CacheReads ?? 0) + (CacheWrites ?? 0), Output ?? 0, Cached ?? CacheReads, Reasoning) { CacheWrites = CacheWrites };

    /// <summary>Counts are running totals, so that the later one holds; what a report does not name stays.</summary>
    public UsageParts Over(UsageParts earlier) => new(
        Input ?? earlier.Input, Output ?? earlier.Output, Cached ?? earlier.Cached, Reasoning ?? earlier.Reasoning, CacheReads ?? earlier.CacheReads, CacheWrites ?? earlier.CacheWrites);

    /// <summary>Reads the value of a `usage` member; the reader stands on its first token and leaves on its last.</summary>
    public static UsageParts Read(ref Utf8JsonReader reader)
    {
        var parts = default(UsageParts);
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return parts;
        }

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
                parts = parts with { Input = Count(ref reader) };
            }
            else if (isTop && (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8)))
            {
                parts = parts with { Output = Count(ref reader) };
            }
            else if (isTop && reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                parts = parts with { CacheReads = Count(ref reader) };
            }
            else if (isTop && reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                parts = parts with { CacheWrites = Count(ref reader) };
            }
            else if (!isTop && reader.ValueTextEquals("cached_tokens"u8))
            {
                parts = parts with { Cached = Count(ref reader) };
            }
            else if (!isTop && reader.ValueTextEquals("reasoning_tokens"u8))
            {
                parts = parts with { Reasoning = Count(ref reader) };
            }
        }

        return parts;
    }

    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var count) && count is >= 0 and <= Most)
        {
            return count;
        }

        reader.Skip();
        return null;
    }
}
