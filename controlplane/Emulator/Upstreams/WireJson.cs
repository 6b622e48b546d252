using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>JSON as providers write it: UTF-8, compact, letters beyond ASCII as they are.</summary>
public static class WireJson
{
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is written here is well formed by construction.</summary>
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const int MostKeptBytes = 1024 * 1024;

    [ThreadStatic]
    private static Scratch? _scratch;

    public static string Text(JsonNode? node) => node?.ToJsonString(Plain) ?? "null";

    public static byte[] Bytes(JsonNode node) => Bytes(node, static (json, value) => value.WriteTo(json, Plain));

    /// <summary>The document that <paramref name="write"/> writes. Writer and buffer are used again by the same thread.</summary>
    public static byte[] Bytes<T>(T state, Action<Utf8JsonWriter, T> write)
    {
        var scratch = _scratch ?? new Scratch();
        _scratch = null; // a nested call gets a scratch of its own
        try
        {
            scratch.Json.Reset(scratch.Buffer);
            write(scratch.Json, state);
            scratch.Json.Flush();
            return scratch.Buffer.WrittenSpan.ToArray();
        }
        finally
        {
            if (scratch.Buffer.Capacity <= MostKeptBytes)
            {
                scratch.Buffer.ResetWrittenCount();
                _scratch = scratch;
            }
        }
    }

    /// <summary>A member that is null where there is no text.</summary>
    public static void WriteTextOrNull(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null)
            json.WriteNull(name);
        else
            json.WriteString(name, text);
    }

    public static void WriteNumbers(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<float> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private sealed class Scratch
    {
        public Scratch() => Json = new Utf8JsonWriter(Buffer, Writing);

        public ArrayBufferWriter<byte> Buffer { get; } = new(2048);

        public Utf8JsonWriter Json { get; }
    }
}
