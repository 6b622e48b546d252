using System.Runtime.CompilerServices;
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
public record struct AnswerFacts(
    UsageParts Parts, bool HasChoice, bool HasFinish, bool IsError, StreamSignal Signal, long TextBytes, long? Sequence)
{
    public readonly TokenUsage? Usage => Parts.Usage;

    /// <summary>A chunk that carries nothing but usage: what `stream_options.include_usage` adds.</summary>
    public readonly bool IsUsageOnly => Usage is not null && !HasChoice;

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
                if (Is(ref reader, "usage"u8))
                {
                    reader.Read();
                    facts.Parts = UsageParts.Read(ref reader).Over(facts.Parts);
                }
                else if (Is(ref reader, "choices"u8))
                {
                    reader.Read();
                    Choices(ref reader, ref facts);
                }
                else if (Is(ref reader, "error"u8))
                {
                    reader.Read();
                    facts.IsError = reader.TokenType is not JsonTokenType.Null;
                    reader.Skip();
                }
                else if (Is(ref reader, "type"u8))
                {
                    reader.Read();
                    facts.Signal = dialect.SignalOf(ref reader);
                    reader.Skip();
                }
                else if (Is(ref reader, "delta"u8))
                {
                    reader.Read();
                    facts.TextBytes += Text(ref reader);
                }
                else if (Is(ref reader, "sequence_number"u8))
                {
                    reader.Read();
                    facts.Sequence = reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null;
                    reader.Skip();
                }
                else if ((!dialect.Holder.IsEmpty && Is(ref reader, dialect.Holder.Span)) || (!dialect.Envelope.IsEmpty && Is(ref reader, dialect.Envelope.Span)))
                {
                    reader.Read();
                    Held(ref reader, ref facts);
                }
                else if (!dialect.Envelope.IsEmpty && Is(ref reader, "success"u8))
                {
                    reader.Read();
                    facts.IsError |= reader.TokenType is JsonTokenType.False;
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

    private static void Choices(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            facts.HasChoice = true;
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isFinish = Is(ref reader, "finish_reason"u8);
                var isText = Is(ref reader, "delta"u8) || Is(ref reader, "text"u8);
                reader.Read();
                facts.HasFinish |= isFinish && reader.TokenType is JsonTokenType.String;
                if (isText)
                {
                    facts.TextBytes += Text(ref reader);
                }

                reader.Skip();
            }
        }
    }

    // The answer that an event speaks of.
    private static void Held(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            facts.TextBytes += Text(ref reader);
            return;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isUsage = Is(ref reader, "usage"u8);
            reader.Read();
            if (isUsage)
            {
                facts.Parts = UsageParts.Read(ref reader).Over(facts.Parts);
            }
            else
            {
                reader.Skip();
            }
        }
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
        Is(ref name, "content"u8) || Is(ref name, "text"u8) || Is(ref name, "thinking"u8) || Is(ref name, "reasoning"u8)
        || Is(ref name, "reasoning_content"u8) || Is(ref name, "refusal"u8) || Is(ref name, "arguments"u8) || Is(ref name, "partial_json"u8);

    // Names are plain but for somebody who hides them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Is(ref Utf8JsonReader name, ReadOnlySpan<byte> text) => name.ValueIsEscaped ? name.ValueTextEquals(text) : name.ValueSpan.SequenceEqual(text);
}
