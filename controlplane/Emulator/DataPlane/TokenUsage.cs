using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Tokens that an answer reports about itself, in whatever dialect.</summary>
/// <param name="In">As reported: Anthropic counts what its cache held beside it, the others within it.</param>
public sealed record TokenUsage(long In, long Out)
{
    /// <summary>Of the prompt, those that the provider had in its cache.</summary>
    public long Cached { get; init; }

    /// <summary>Of <see cref="Out"/>, those that the model thought with.</summary>
    public long Reasoning { get; init; }

    /// <summary>Workers AI's measure of work; null elsewhere.</summary>
    public double? Neurons { get; init; }

    /// <summary>Of a plain answer; null when it reports none.</summary>
    public static TokenUsage? Read(ReadOnlySpan<byte> json) => ReportedTokens.Read(json)?.ToUsage();

    /// <summary>Of a body that is there whole, event stream or not.</summary>
    public static TokenUsage? Of(byte[] body, bool isEventStream)
    {
        if (!isEventStream)
            return Read(body);
        var streamed = new StreamedUsage();
        streamed.Watch(body);
        return streamed.Usage;
    }
}

/// <summary>
/// The counts in one document: an answer, or an event of a stream, which may report a part alone. Known are `usage` of OpenAI, Anthropic, Cohere,
/// Bedrock and Workers AI, and `usageMetadata` of Gemini; at the top, or in the member that wraps the answer in an event or an envelope.
/// </summary>
public sealed record ReportedTokens(long? In, long? Out, long? Cached, long? Reasoning, double? Neurons)
{
    // A document wraps another once or twice: `{"response":{"usage":…}}`, `[{"usageMetadata":…}]`.
    private const int MostDepth = 3;

    public static ReportedTokens? Read(ReadOnlySpan<byte> json)
    {
        // Most of what is not a chat has no such word in it, and vectors are long.
        if (json.IndexOf("\"usage"u8) < 0)
            return null;
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() ? Find(ref reader, depth: 0) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null; // images, audio, a provider's HTML: no usage to be had
        }
    }

    /// <summary>What a later event says replaces what an earlier one said; what it does not say stays.</summary>
    public ReportedTokens Then(ReportedTokens later) =>
        new(later.In ?? In, later.Out ?? Out, later.Cached ?? Cached, later.Reasoning ?? Reasoning, later.Neurons ?? Neurons);

    /// <summary>Null without tokens of the prompt: then nothing was counted.</summary>
    public TokenUsage? ToUsage() =>
        In is { } tokensIn ? new TokenUsage(tokensIn, Out ?? 0) { Cached = Cached ?? 0, Reasoning = Reasoning ?? 0, Neurons = Neurons } : null;

    private static ReportedTokens? Find(ref Utf8JsonReader reader, int depth)
    {
        ReportedTokens? found = null;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            // Gemini's stream without events is one array, and its last element has the whole count.
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject && depth < MostDepth)
                    found = Find(ref reader, depth + 1) ?? found;
                else
                    reader.Skip();
            }
            return found;
        }
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.ValueTextEquals("usage"u8) || reader.ValueTextEquals("usageMetadata"u8);
            var isWrapper = !isUsage && depth < MostDepth
                && (reader.ValueTextEquals("response"u8) || reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("result"u8));
            reader.Read();
            if (isUsage && reader.TokenType == JsonTokenType.StartObject)
                found = Of(ref reader);
            else if (isWrapper && reader.TokenType == JsonTokenType.StartObject)
                found = Find(ref reader, depth + 1) ?? found;
            else
                reader.Skip();
        }
        return found;
    }

    private static ReportedTokens Of(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var usage = document.RootElement;
        // Cohere has the counts that it bills and, beside them, those of the tokens.
        var counts = Member(usage, "tokens") ?? usage;
        var thoughts = Count(usage, "thoughtsTokenCount");
        return new ReportedTokens(
            Count(counts, "prompt_tokens") ?? Count(counts, "input_tokens") ?? Count(counts, "inputTokens") ?? Count(counts, "promptTokenCount"),
            Count(counts, "completion_tokens") ?? Count(counts, "output_tokens") ?? Count(counts, "outputTokens")
                // Gemini counts its thoughts beside what it says.
                ?? (Count(counts, "candidatesTokenCount") is { } said ? said + (thoughts ?? 0) : thoughts),
            Count(Member(usage, "prompt_tokens_details"), "cached_tokens") ?? Count(Member(usage, "input_tokens_details"), "cached_tokens")
                ?? Count(usage, "cache_read_input_tokens") ?? Count(usage, "cacheReadInputTokens") ?? Count(usage, "cachedContentTokenCount"),
            Count(Member(usage, "completion_tokens_details"), "reasoning_tokens") ?? Count(Member(usage, "output_tokens_details"), "reasoning_tokens") ?? thoughts,
            usage.TryGetProperty("neurons", out var neurons) && neurons.ValueKind == JsonValueKind.Number ? neurons.GetDouble() : null);
    }

    private static JsonElement? Member(JsonElement of, string name) =>
        of.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;

    private static long? Count(JsonElement? of, string name) =>
        of is { } counts && counts.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : null;
}
