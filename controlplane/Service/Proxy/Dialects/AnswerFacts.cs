using System.Runtime.InteropServices;
using System.Text.Json;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>
/// The few facts of an answer, or of one event of it, that the proxy acts on. Only members at the places where a dialect has them count:
/// a `usage` inside a message is text.
/// </summary>
/// <param name="TextBytes">Length of what the model says in an event, for an estimate of its tokens.</param>
/// <param name="Sequence">The number of an event; null where the dialect does not number them.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AnswerFacts(
    UsageParts Parts, bool HasChoice, bool HasFinish, bool IsError, StreamSignal Signal, long TextBytes, long? Sequence)
{
    public TokenUsage? Usage => Parts.Usage;

    /// <summary>A chunk that carries nothing but usage: what `stream_options.include_usage` adds.</summary>
    public bool IsUsageOnly => Usage is not null && !HasChoice;

    /// <summary>Reads one JSON document of any size in one pass without a copy. Null for what is not a JSON object.</summary>
    public static AnswerFacts? Read(ReadOnlySpan<byte> json, Dialect dialect)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            var facts = default(AnswerFacts);
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("usage"u8))
                {
                    reader.Read();
                    facts = facts with { Parts = UsageParts.Read(ref reader).Over(facts.Parts) };
                }
                else if (reader.ValueTextEquals("choices"u8))
                {
                    reader.Read();
                    facts = Choices(ref reader, facts);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    reader.Read();
                    facts = facts with { IsError = reader.TokenType is not JsonTokenType.Null };
                    reader.Skip();
                }
                else if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    facts = facts with { Signal = dialect.SignalOf(ref reader) };
                    reader.Skip();
                }
                else if (reader.ValueTextEquals("delta"u8))
                {
                    reader.Read();
                    facts = facts with { TextBytes = facts.TextBytes + Text(ref reader) };
                }
                else if (reader.ValueTextEquals("sequence_number"u8))
                {
                    reader.Read();
                    facts = facts with { Sequence = reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null };
                    reader.Skip();
                }
                else if ((!dialect.Holder.IsEmpty && reader.ValueTextEquals(dialect.Holder.Span)) || (!dialect.Envelope.IsEmpty && reader.ValueTextEquals(dialect.Envelope.Span)))
                {
                    reader.Read();
                    facts = Held(ref reader, facts);
                }
                else if (!dialect.Envelope.IsEmpty && reader.ValueTextEquals("success"u8))
                {
                    reader.Read();
                    facts = facts with { IsError = facts.IsError || reader.TokenType is JsonTokenType.False };
                    reader.Skip();
                }
                else
                {
                    reader.Skip();
                }
            }

            return facts;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: half of a surrogate pair in a name.
            return null;
        }
    }

    private static AnswerFacts Choices(ref Utf8JsonReader reader, AnswerFacts facts)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return facts;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            facts = facts with { HasChoice = true };
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isFinish = reader.ValueTextEquals("finish_reason"u8);
                var isText = reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("text"u8);
                reader.Read();
                facts = facts with { HasFinish = facts.HasFinish || (isFinish && reader.TokenType is JsonTokenType.String) };
                if (isText)
                {
                    facts = facts with { TextBytes = facts.TextBytes + Text(ref reader) };
                }

                reader.Skip();
            }
        }

        return facts;
    }

    // The answer that an event speaks of.
    private static AnswerFacts Held(ref Utf8JsonReader reader, AnswerFacts facts)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return facts with { TextBytes = facts.TextBytes + Text(ref reader) };
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isUsage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (isUsage)
            {
                facts = facts with { Parts = UsageParts.Read(ref reader).Over(facts.Parts) };
            }
            else
            {
                reader.Skip();
            }
        }

        return facts;
    }

    // A string is text itself; in an object, the members are that dialects tell text in.
    private static long Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return reader.ValueSpan.Length;
        }

        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return 0;
        }

        var (bytes, depth, isText) = (0L, reader.CurrentDepth, false);
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType is JsonTokenType.PropertyName)
            {
                isText = IsText(ref reader);
            }
            else if (isText && reader.TokenType is JsonTokenType.String)
            {
                bytes += reader.ValueSpan.Length;
            }
        }

        return bytes;
    }

    private static bool IsText(ref Utf8JsonReader name) =>
        name.ValueTextEquals("content"u8) || name.ValueTextEquals("text"u8) || name.ValueTextEquals("thinking"u8) || name.ValueTextEquals("reasoning"u8)
        || name.ValueTextEquals("reasoning_content"u8) || name.ValueTextEquals("refusal"u8) || name.ValueTextEquals("arguments"u8) || name.ValueTextEquals("partial_json"u8);
}
