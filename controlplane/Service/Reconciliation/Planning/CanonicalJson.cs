using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>One text per meaning: members sorted by ordinal, no whitespace, `300`, `300.0` and `3e2` all written `300`.</summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // One thread writes one text at a time. A pass makes thousands.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static string Of(JsonNode? node) => Text(node, Write);

    /// <summary>The object with these members, whose texts are canonical already.</summary>
    public static string Of(IReadOnlyDictionary<string, FieldValue> members) => Text(members, Write);

    private static string Text<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        var writer = _writer ??= new Utf8JsonWriter(buffer, Options);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        write(writer, value);
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, FieldValue> members)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Json, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in Sorted(members))
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                if (node.GetValueKind() == JsonValueKind.Number)
                {
                    writer.WriteRawValue(Number(node.AsValue().TryGetValue<JsonElement>(out var received) ? received.GetRawText() : node.ToJsonString()));
                }
                else
                {
                    node.WriteTo(writer);
                }

                break;
        }
    }

    private static KeyValuePair<string, JsonNode?>[] Sorted(JsonObject members)
    {
        var sorted = new KeyValuePair<string, JsonNode?>[members.Count];
        ((ICollection<KeyValuePair<string, JsonNode?>>)members).CopyTo(sorted, 0);
        Array.Sort(sorted, static (one, other) => string.CompareOrdinal(one.Key, other.Key));
        return sorted;
    }

    // A number outside the range of decimal keeps its own text: two spellings of it count as different, which is safe.
    private static string Number(string text) =>
        text.Length < 10 && text.All(char.IsAsciiDigit) && text[0] != '0' ? text
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number.ToString("0.############################", CultureInfo.InvariantCulture) : text;
}
