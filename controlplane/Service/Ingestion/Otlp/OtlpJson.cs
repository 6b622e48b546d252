using System.Globalization;
using System.Text;
using System.Text.Json;
using GatewayOps.Cloudflare;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>ExportTraceServiceRequest in OTLP's JSON: ids in hexadecimal, 64-bit integers as texts or numbers, unknown members passed over (opentelemetry.io/docs/specs/otlp, JSON Protobuf Encoding).</summary>
public static class OtlpJson
{
    /// <summary>Calls back for each span.</summary>
    /// <exception cref="FormatException">The body is not what it should be.</exception>
    public static void Read(ReadOnlyMemory<byte> body, bool bodies, Action<SpanFacts> each)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("it is not a JSON object");
            }

            foreach (var resource in Items(document.RootElement, "resourceSpans"u8))
            {
                foreach (var scope in Items(resource, "scopeSpans"u8))
                {
                    foreach (var span in Items(scope, "spans"u8))
                    {
                        each(Span(span, bodies));
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("it is not JSON of this shape", e);
        }
    }

    private static SpanFacts Span(JsonElement span, bool bodies)
    {
        var facts = new SpanFacts();
        foreach (var member in span.EnumerateObject())
        {
            if (member.NameEquals("traceId"u8)) facts.TraceId = Hex(member.Value);
            else if (member.NameEquals("spanId"u8)) facts.SpanId = Hex(member.Value);
            else if (member.NameEquals("name"u8)) facts.Name = member.Value.GetString() ?? "";
            else if (member.NameEquals("startTimeUnixNano"u8)) facts.Start = Nanoseconds(member.Value);
            else if (member.NameEquals("endTimeUnixNano"u8)) facts.End = Nanoseconds(member.Value);
            else if (member.NameEquals("status"u8)) facts.Status = member.Value.TryGetProperty("code"u8, out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status) ? status : 0;
            else if (member.NameEquals("attributes"u8)) Attributes(facts, member.Value, bodies);
        }

        return facts;
    }

    private static void Attributes(SpanFacts facts, JsonElement attributes, bool bodies)
    {
        Span<byte> name = stackalloc byte[64];
        foreach (var attribute in attributes.EnumerateArray())
        {
            if (!attribute.TryGetProperty("key"u8, out var key) || key.ValueKind != JsonValueKind.String || !attribute.TryGetProperty("value"u8, out var value)
                || !Encoding.UTF8.TryGetBytes(JsonTexts.Of(key), name, out var length) || !SpanFacts.Wants(name[..length], bodies) || value.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (var kind in value.EnumerateObject())
            {
                if (kind.NameEquals("stringValue"u8) && kind.Value.ValueKind == JsonValueKind.String) facts.Set(name[..length], JsonTexts.Of(kind.Value));
                else if (kind.NameEquals("intValue"u8) || kind.NameEquals("doubleValue"u8))
                {
                    if (kind.Value.ValueKind == JsonValueKind.String) facts.Set(name[..length], kind.Value.GetString()!);
                    else if (kind.Value.ValueKind == JsonValueKind.Number && kind.Value.TryGetDouble(out var number)) facts.Set(name[..length], number);
                }
            }
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var items) && items.ValueKind != JsonValueKind.Null ? items.EnumerateArray() : default;

    private static string Hex(JsonElement value) => value.GetString() is { } text && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : "";

    private static ulong Nanoseconds(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? ulong.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0
        : value.TryGetUInt64(out var number) ? number : 0;
}
