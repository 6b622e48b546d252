using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GatewayOps.Cloudflare;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>ExportTraceServiceRequest in OTLP's JSON: ids in hexadecimal, 64-bit integers as texts or numbers, unknown members passed over (opentelemetry.io/docs/specs/otlp, JSON Protobuf Encoding).</summary>
public static class OtlpJson
{
    // With room for a name that is escaped from its first letter to its last.
    private const int MostName = 6 * 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private delegate void Each(ref Utf8JsonReader item);

    /// <summary>Calls back for each span.</summary>
    /// <exception cref="FormatException">The body is not what it should be.</exception>
    public static void Read(ReadOnlySpan<byte> body, bool bodies, Action<SpanFacts> each)
    {
        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
            json.Read();
            Items(ref json, "resourceSpans"u8, (ref resource) => Items(ref resource, "scopeSpans"u8, (ref scope) => Items(ref scope, "spans"u8, (ref span) => each(Span(ref span, bodies)))));
            json.Read(); // nothing may follow
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("it is not JSON of this shape", e);
        }
    }

    private static SpanFacts Span(ref Utf8JsonReader span, bool bodies)
    {
        var facts = new SpanFacts();
        for (Begin(ref span, JsonTokenType.StartObject); NextMember(ref span);)
        {
            if (IsValueOf(ref span, "traceId"u8)) facts.TraceId = Hex(ref span);
            else if (IsValueOf(ref span, "spanId"u8)) facts.SpanId = Hex(ref span);
            else if (IsValueOf(ref span, "name"u8)) facts.Name = span.TokenType == JsonTokenType.Null ? "" : JsonTexts.Of(ref span);
            else if (IsValueOf(ref span, "startTimeUnixNano"u8)) facts.Start = Nanoseconds(ref span);
            else if (IsValueOf(ref span, "endTimeUnixNano"u8)) facts.End = Nanoseconds(ref span);
            else if (IsValueOf(ref span, "status"u8)) facts.Status = Status(ref span);
            else if (IsValueOf(ref span, "attributes"u8)) Attributes(ref facts, ref span, bodies);
            else span.Skip();
        }

        return facts;
    }

    private static int Status(ref Utf8JsonReader status)
    {
        var code = 0;
        for (Begin(ref status, JsonTokenType.StartObject); NextMember(ref status);)
        {
            if (IsValueOf(ref status, "code"u8)) code = status.TokenType == JsonTokenType.Number && status.TryGetInt32(out var number) ? number : 0;
            else status.Skip();
        }

        return code;
    }

    private static void Attributes(ref SpanFacts facts, ref Utf8JsonReader attributes, bool bodies)
    {
        Span<byte> name = stackalloc byte[MostName];
        for (Begin(ref attributes, JsonTokenType.StartArray); NextItem(ref attributes);)
        {
            var length = 0;
            Utf8JsonReader unnamed = default;
            for (Begin(ref attributes, JsonTokenType.StartObject); NextMember(ref attributes);)
            {
                if (IsValueOf(ref attributes, "key"u8)) length = Name(ref attributes, name);
                else if (IsValueOf(ref attributes, "value"u8) && attributes.TokenType == JsonTokenType.StartObject)
                {
                    if (SpanFacts.Wants(name[..length], bodies)) Set(ref facts, name[..length], ref attributes);
                    else
                    {
                        // Its name may come after it.
                        unnamed = length == 0 ? attributes : default;
                        attributes.Skip();
                    }
                }
                else attributes.Skip();
            }

            if (unnamed.TokenType == JsonTokenType.StartObject && SpanFacts.Wants(name[..length], bodies))
            {
                Set(ref facts, name[..length], ref unnamed);
            }
        }
    }

    private static void Set(ref SpanFacts facts, scoped ReadOnlySpan<byte> name, ref Utf8JsonReader value)
    {
        while (NextMember(ref value))
        {
            var isText = IsValueOf(ref value, "stringValue"u8);
            if (isText || IsValueOf(ref value, "intValue"u8) || IsValueOf(ref value, "doubleValue"u8))
            {
                if (value.TokenType == JsonTokenType.String) facts.Set(name, JsonTexts.Of(ref value));
                else if (!isText && value.TokenType == JsonTokenType.Number && value.TryGetDouble(out var number)) facts.Set(name, number);
            }

            value.Skip();
        }
    }

    /// <summary>Calls back for each item of the object's member of this name, an array or null.</summary>
    private static void Items(ref Utf8JsonReader json, ReadOnlySpan<byte> name, Each each)
    {
        for (Begin(ref json, JsonTokenType.StartObject); NextMember(ref json);)
        {
            if (!IsValueOf(ref json, name)) json.Skip();
            else if (json.TokenType != JsonTokenType.Null)
            {
                for (Begin(ref json, JsonTokenType.StartArray); NextItem(ref json);) each(ref json);
            }
        }
    }

    private static void Begin(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (json.TokenType != type)
        {
            throw new JsonException($"{type} is expected where {json.TokenType} is");
        }
    }

    private static bool NextItem(ref Utf8JsonReader json) => json.Read() && json.TokenType != JsonTokenType.EndArray;

    private static bool NextMember(ref Utf8JsonReader json) => json.Read() && json.TokenType != JsonTokenType.EndObject;

    /// <summary>Whether the member is the one of this name; then the reader stands at its value.</summary>
    private static bool IsValueOf(ref Utf8JsonReader json, ReadOnlySpan<byte> name) => json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals(name) && json.Read();

    // 0 for what is no name that anybody here wants: too long, or with a half of a surrogate pair in it.
    private static int Name(ref Utf8JsonReader key, scoped Span<byte> name)
    {
        if (key.TokenType != JsonTokenType.String || key.ValueSpan.Length > name.Length)
        {
            key.Skip();
            return 0;
        }

        return key.ValueIsEscaped ? Encoding.UTF8.TryGetBytes(JsonTexts.Of(ref key), name, out var length) ? length : 0 : key.CopyString(name);
    }

    private static string Hex(ref Utf8JsonReader value) => value.GetString() is { } text && !text.AsSpan().ContainsAnyExcept(HexDigits) ? text.ToLowerInvariant() : "";

    private static ulong Nanoseconds(ref Utf8JsonReader value) => value.TokenType == JsonTokenType.String
        ? ulong.TryParse(value.ValueIsEscaped ? Encoding.UTF8.GetBytes(value.GetString()!) : value.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0
        : value.TryGetUInt64(out var number) ? number : 0;
}
