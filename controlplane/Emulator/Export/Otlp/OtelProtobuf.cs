namespace GatewayOps.Emulator.Export.Otlp;

/// <summary>An ExportTraceServiceRequest in protobuf; the field numbers are those of opentelemetry-proto's trace, common and resource files, version 1.</summary>
public static class OtelProtobuf
{
    public const string ContentType = "application/x-protobuf";

    /// <summary>STATUS_CODE_ERROR.</summary>
    public const int StatusError = 2;

    public static ReadOnlyMemory<byte> Of(IEnumerable<OtelSpan> spans)
    {
        var request = new ProtobufWriter();
        request.Message(1, resourceSpans =>
        {
            resourceSpans.Message(1, resource => Attribute(resource, 1, "service.name", OtelSpan.ServiceName));
            resourceSpans.Message(2, scopeSpans =>
            {
                scopeSpans.Message(1, scope => scope.Text(1, OtelSpan.ServiceName));
                foreach (var span in spans)
                    scopeSpans.Message(2, message => Span(message, span));
            });
        });
        return request.Written;
    }

    private static void Span(ProtobufWriter message, OtelSpan span)
    {
        message.Bytes(1, Convert.FromHexString(span.TraceId));
        message.Bytes(2, Convert.FromHexString(span.SpanId));
        if (span.ParentSpanId is { } parent)
            message.Bytes(4, Convert.FromHexString(parent));
        message.Text(5, OtelSpan.Name);
        message.Varint(6, OtelSpan.Kind);
        message.Fixed64(7, OtelJson.Nanoseconds(span.Start));
        message.Fixed64(8, OtelJson.Nanoseconds(span.End));
        foreach (var (key, value) in span.Attributes)
            Attribute(message, 9, key, value);
        if (span.Failed)
            message.Message(15, status => status.Varint(3, StatusError));
    }

    private static void Attribute(ProtobufWriter message, int field, string key, object value) => message.Message(field, attribute =>
    {
        attribute.Text(1, key);
        attribute.Message(2, any =>
        {
            switch (value)
            {
                case bool flag:
                    any.Varint(2, flag ? 1UL : 0);
                    break;
                case long number:
                    any.Varint(3, (ulong)number);
                    break;
                case double number:
                    any.Double(4, number);
                    break;
                default:
                    any.Text(1, (string)value);
                    break;
            }
        });
    });
}
