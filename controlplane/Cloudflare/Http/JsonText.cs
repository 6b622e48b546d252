using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Http;

/// <summary>Writes a body so that every value that was received and not touched keeps its text: 1.50 stays 1.50, an escape stays an escape.</summary>
internal static class JsonText
{
    // Body of a request, never part of a page: nothing but what JSON demands is escaped.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = false };

    public static byte[] Write(JsonNode body, IReadOnlySet<string>? without = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain)) Write(writer, body, without);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node, IReadOnlySet<string>? without = null)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    if (without?.Contains(name) == true) continue;
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValue value when value.TryGetValue<JsonElement>(out var received):
                writer.WriteRawValue(received.GetRawText());
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }

    /// <summary>Whether `whole` has everything that `part` has, with the same meaning: what it has besides does not count, and null is as good as absent.</summary>
    public static bool Covers(JsonNode? whole, JsonNode? part) => (whole, part) switch
    {
        (_, null) => whole is null,
        (JsonObject a, JsonObject b) => b.All(member => Covers(a[member.Key], member.Value)),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Covers(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(whole, part),
    };

    /// <summary>Every string at any depth.</summary>
    public static IEnumerable<string> TextsIn(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => TextsIn(member.Value)),
        JsonArray items => items.SelectMany(TextsIn),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
