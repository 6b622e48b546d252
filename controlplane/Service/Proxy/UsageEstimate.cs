using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tokenizer;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What a request may use, before it is asked: the tokens of its text, a flat count for each part that is no text, and the output that the caller
/// allows, as often as it asks for one. A guess, for limits and for streams that ended before they told their usage: what is reported takes its place.
/// </summary>
public static class UsageEstimate
{
    private const int BytesOfToken = 4;
    private const int TokensOfMedia = 1000;

    /// <summary>Where the caller sets no bound for the output.</summary>
    private const int OrdinaryOutput = 1024;

    /// <summary>Bytes of JSON: at the slowest script they take less than a millisecond.</summary>
    private const int Counted = 8 * 1024;

    // Where the dialects have what the model reads.
    private static readonly string[] Read = ["messages", "prompt", "input", "system", "instructions"];
    private static readonly string[] Allowed = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

    /// <summary>Of a request to a model. Of its text the first <see cref="Counted"/> bytes are counted as the model reads them, and the rest is taken to be like them.</summary>
    public static TokenUsage Of(JsonElement body, string model)
    {
        var texts = new Texts(model);
        try
        {
            foreach (var name in Read)
            {
                if (body.TryGetProperty(name, out var value))
                {
                    Tell(value, ref texts);
                }
            }

            if (body.TryGetProperty("tools", out var tools) && tools.ValueKind is JsonValueKind.Array)
            {
                texts.Add(tools);
            }

            var output = Allowed.Select(name => Number(body, name)).FirstOrDefault(number => number is not null) ?? OrdinaryOutput;
            return new TokenUsage(texts.Tokens, (long)Math.Min((double)output * Answers(body), int.MaxValue));
        }
        finally
        {
            texts.Dispose();
        }
    }

    /// <summary>Of a request whose answer is not text.</summary>
    public static TokenUsage OfInput(JsonElement body, string model) => Of(body, model) with { Output = 0 };

    /// <summary>Tokens of so many bytes of text, rounded up.</summary>
    public static long Tokens(long bytes) => (bytes + BytesOfToken - 1) / BytesOfToken;

    // Each is as long as the caller allows. Of `best_of` all are made, and the best are told; a list of prompts has answers to each.
    private static double Answers(JsonElement body) =>
        (double)Math.Max(1, Math.Max(Number(body, "n") ?? 1, Number(body, "best_of") ?? 1))
        * (body.TryGetProperty("prompt", out var prompt) && prompt.ValueKind is JsonValueKind.Array && prompt.GetArrayLength() > 0 && prompt[0].ValueKind is not JsonValueKind.Number ? prompt.GetArrayLength() : 1);

    // A text, a token, a list of either, or a message or part that holds one of them.
    private static void Tell(JsonElement value, ref Texts texts)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(value);
                break;
            case JsonValueKind.Number:
                texts.Add(tokens: 1);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Tell(item, ref texts);
                }

                break;
            case JsonValueKind.Object when value.TryGetProperty("content", out var content):
                Tell(content, ref texts);
                break;
            case JsonValueKind.Object when value.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String:
                texts.Add(text);
                break;
            case JsonValueKind.Object:
                texts.Add(TokensOfMedia);
                break;
        }
    }

    // Whatever the number is, its sum with others is one; and `1e6` is a million here as it is for providers.
    private static long? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 ? (long)Math.Min(number, int.MaxValue) : null;

    private struct Texts(string model) : IDisposable
    {
        private readonly char[] _characters = ArrayPool<char>.Shared.Rent(Counted);
        private long _bytes;
        private int _countedBytes;
        private long _counted;
        private long _others;

        public readonly long Tokens => _others + (_countedBytes == 0 ? UsageEstimate.Tokens(_bytes) : (long)Math.Ceiling((double)_counted * _bytes / _countedBytes));

        public void Add(long tokens) => _others += tokens;

        public void Add(JsonElement value)
        {
            var raw = JsonMarshal.GetRawUtf8Value(value);
            _bytes += raw.Length;
            if (_countedBytes < Counted)
            {
                var taken = Math.Min(raw.Length, Counted - _countedBytes);
                _counted += TokenCounter.CountQuickly(model, _characters.AsSpan(0, Decode(raw, taken)), Counted).Tokens;
                _countedBytes += taken;
            }
        }

        public readonly void Dispose() => ArrayPool<char>.Shared.Return(_characters);

        // A text that fits is read as it is meant; of others, and of JSON, the characters as they are written, which is near enough.
        private readonly int Decode(ReadOnlySpan<byte> raw, int taken)
        {
            if (taken == raw.Length && raw[0] == '"')
            {
                try
                {
                    var reader = new Utf8JsonReader(raw);
                    reader.Read();
                    return reader.CopyString(_characters);
                }
                catch (InvalidOperationException)
                {
                    // Half of a surrogate pair: as it is written.
                }
            }

            return Encoding.UTF8.GetChars(raw[..taken], _characters);
        }
    }
}
