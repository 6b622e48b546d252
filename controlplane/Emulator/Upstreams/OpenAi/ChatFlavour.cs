using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>How a provider's chat completions differ from OpenAI's own.</summary>
public sealed record ChatFlavour
{
    public static readonly ChatFlavour OpenAi = new();

    /// <summary>The last chunk of a stream carries the usage, whether it was asked for or not. OpenAI sends a chunk of its own, and only when asked.</summary>
    public bool UsageInLastChunk { get; init; }

    /// <summary>Where the thinking is shown: `reasoning_content`, `reasoning`; null where it is not.</summary>
    public string? ReasoningMember { get; init; }

    /// <summary>DeepSeek counts hits and misses of its prompt cache.</summary>
    public bool CountsCacheHits { get; init; }

    /// <summary>Perplexity names the pages that it read.</summary>
    public bool Cites { get; init; }

    /// <summary>Members of a provider at the top of the answer.</summary>
    public void WriteEnvelope(Utf8JsonWriter json)
    {
        if (!Cites)
            return;
        json.WriteStartArray("citations"u8);
        json.WriteStringValue("https://example.com/"u8);
        json.WriteEndArray();
        json.WriteStartArray("search_results"u8);
        json.WriteStartObject();
        json.WriteString("title"u8, "Example"u8);
        json.WriteString("url"u8, "https://example.com/"u8);
        json.WriteString("date"u8, "2026-01-01"u8);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
