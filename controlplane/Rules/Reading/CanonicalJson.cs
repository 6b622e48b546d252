using System.Buffers;
using System.Text;
using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// One text per meaning: keys sorted by UTF-16 code units, no whitespace, one spelling of every string and of every number (<see cref="ExactNumber"/>).
/// Like RFC 8785 but for numbers, which that standard rounds to doubles.
/// </summary>
internal static class CanonicalJson
{
    public static ReadOnlyMemory<byte> Bytes(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
            Write(value, writer);
        return buffer.WrittenMemory;
    }

    public static string Text(JsonElement value) => Encoding.UTF8.GetString(Bytes(value).Span);

    private static void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(item, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(ExactNumber.Parse(value.GetRawText()).ToString(), skipInputValidation: true);
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
