using System.Buffers;
using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Tokens that an answer reports about itself.</summary>
public sealed record TokenUsage(long In, long Out)
{
    /// <summary>Of a plain answer: its top-level `usage`, with the names of chat completions or of the newer APIs. Null when it has none.</summary>
    public static TokenUsage? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
                && (Count(usage, "prompt_tokens") ?? Count(usage, "input_tokens")) is { } tokensIn
                    ? new TokenUsage(tokensIn, Count(usage, "completion_tokens") ?? Count(usage, "output_tokens") ?? 0)
                    : null;
        }
        catch (JsonException)
        {
            return null; // images, audio, a provider's HTML: no usage to be had
        }
    }

    /// <summary>Of a body that is there whole, event stream or not.</summary>
    public static TokenUsage? Of(byte[] body, bool isEventStream)
    {
        if (!isEventStream)
            return Read(body);
        var streamed = new StreamedUsage();
        streamed.Watch(body);
        return streamed.Usage;
    }

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : null;
}

/// <summary>Watches an event stream go by and keeps the last usage that it reported. Memory is bounded: an event line over 1 MiB is not read.</summary>
public sealed class StreamedUsage
{
    private const int MostLine = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _skipping;

    public TokenUsage? Usage { get; private set; }

    public void Watch(ReadOnlySpan<byte> piece)
    {
        while (piece.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Add(piece[..end]);
            EndLine();
            piece = piece[(end + 1)..];
        }
        Add(piece);
    }

    private void Add(ReadOnlySpan<byte> part)
    {
        _skipping |= _line.WrittenCount + part.Length > MostLine;
        if (!_skipping)
            _line.Write(part);
    }

    private void EndLine()
    {
        var line = _line.WrittenSpan;
        if (!_skipping && line.StartsWith("data:"u8) && line.IndexOf("\"usage\""u8) >= 0)
            Usage = TokenUsage.Read(line["data:".Length..]) ?? Usage;
        _line.ResetWrittenCount();
        _skipping = false;
    }
}
