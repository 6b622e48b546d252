using System.Text.Json;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The few facts of an answer, or of one chunk of it, that the proxy acts on. Only members of the top level and of its choices count:
/// a `usage` inside a message is text.
/// </summary>
internal readonly record struct ChatAnswer(TokenUsage? Usage, bool HasChoice, bool HasFinish, bool IsError)
{
    /// <summary>A chunk that carries nothing but usage: what `stream_options.include_usage` adds.</summary>
    public bool IsUsageOnly => Usage is not null && !HasChoice;

    /// <summary>Reads one JSON document of any size in one pass without a copy. Null for what is not a JSON object.</summary>
    public static ChatAnswer? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            TokenUsage? usage = null;
            bool hasChoice = false, hasFinish = false, isError = false;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("usage"u8))
                {
                    reader.Read();
                    usage = TokenUsage.Read(ref reader);
                }
                else if (reader.ValueTextEquals("choices"u8))
                {
                    reader.Read();
                    (hasChoice, hasFinish) = Choices(ref reader);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    reader.Read();
                    isError = reader.TokenType is not JsonTokenType.Null;
                    reader.Skip();
                }
                else
                {
                    reader.Skip();
                }
            }

            return new ChatAnswer(usage, hasChoice, hasFinish, isError);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (bool HasChoice, bool HasFinish) Choices(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return default;
        }

        bool hasChoice = false, hasFinish = false;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            hasChoice = true;
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isFinish = reader.ValueTextEquals("finish_reason"u8);
                reader.Read();
                hasFinish |= isFinish && reader.TokenType is JsonTokenType.String;
                reader.Skip();
            }
        }

        return (hasChoice, hasFinish);
    }
}
