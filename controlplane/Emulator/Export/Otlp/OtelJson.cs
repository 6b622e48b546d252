using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.Export.Otlp;

/// <summary>An ExportTraceServiceRequest in OTLP's JSON: ids in hexadecimal, 64-bit integers as texts (opentelemetry.io/docs/specs/otlp, JSON Protobuf Encoding).</summary>
public static class OtelJson
{
    public const string ContentType = "application/json";

    public static byte[] Of(IEnumerable<OtelSpan> spans) => WireJson.Bytes(new JsonObject
    {
        ["resourceSpans"] = new JsonArray(new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = new JsonArray(Attribute("service.name", OtelSpan.ServiceName)) },
            ["scopeSpans"] = new JsonArray(new JsonObject
            {
                ["scope"] = new JsonObject { ["name"] = OtelSpan.ServiceName },
                ["spans"] = new JsonArray([.. spans.Select(Span)]),
            }),
        }),
    });

    /// <summary>Nanoseconds since 1970.</summary>
    public static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static JsonObject Span(OtelSpan span)
    {
        var json = new JsonObject { ["traceId"] = span.TraceId, ["spanId"] = span.SpanId };
        if (span.ParentSpanId is { } parent)
            json["parentSpanId"] = parent;
        json["name"] = OtelSpan.Name;
        json["kind"] = OtelSpan.Kind;
        json["startTimeUnixNano"] = Nanoseconds(span.Start).ToString(CultureInfo.InvariantCulture);
        json["endTimeUnixNano"] = Nanoseconds(span.End).ToString(CultureInfo.InvariantCulture);
        json["attributes"] = new JsonArray([.. span.Attributes.Select(attribute => Attribute(attribute.Key, attribute.Value))]);
        json["status"] = span.Failed ? new JsonObject { ["code"] = OtelProtobuf.StatusError } : [];
        return json;
    }

    private static JsonObject Attribute(string key, object value) => new()
    {
        ["key"] = key,
        ["value"] = value switch
        {
            bool flag => new JsonObject { ["boolValue"] = flag },
            long number => new JsonObject { ["intValue"] = number.ToString(CultureInfo.InvariantCulture) },
            double number => new JsonObject { ["doubleValue"] = number },
            _ => new JsonObject { ["stringValue"] = (string)value },
        },
    };
}
