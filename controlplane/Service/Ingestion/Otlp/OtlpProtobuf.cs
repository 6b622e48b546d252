using System.Text;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>ExportTraceServiceRequest in protobuf. Field numbers: opentelemetry-proto 1.x, trace/v1/trace.proto and common/v1/common.proto.</summary>
public static class OtlpProtobuf
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Calls back for each span.</summary>
    /// <exception cref="FormatException">The body is not what it should be.</exception>
    public static void Read(ReadOnlySpan<byte> body, bool bodies, Action<SpanFacts> each)
    {
        var request = new ProtobufReader(body);
        while (request.Read())
        {
            if (request is not { Field: 1, Wire: 2 })
            {
                continue;
            }

            var resource = new ProtobufReader(request.Bytes);
            while (resource.Read())
            {
                if (resource is not { Field: 2, Wire: 2 })
                {
                    continue;
                }

                var scope = new ProtobufReader(resource.Bytes);
                while (scope.Read())
                {
                    if (scope is { Field: 2, Wire: 2 })
                    {
                        each(Span(scope.Bytes, bodies));
                    }
                }
            }
        }
    }

    private static SpanFacts Span(ReadOnlySpan<byte> bytes, bool bodies)
    {
        var facts = new SpanFacts();
        var span = new ProtobufReader(bytes);
        while (span.Read())
        {
            switch (span.Field, span.Wire)
            {
                case (1, 2):
                    facts.TraceId = Convert.ToHexStringLower(span.Bytes);
                    break;
                case (2, 2):
                    facts.SpanId = Convert.ToHexStringLower(span.Bytes);
                    break;
                case (5, 2):
                    facts.Name = Text(span.Bytes);
                    break;
                case (7, 1):
                    facts.Start = span.Number;
                    break;
                case (8, 1):
                    facts.End = span.Number;
                    break;
                case (9, 2):
                    Attribute(ref facts, span.Bytes, bodies);
                    break;
                case (15, 2):
                    var status = new ProtobufReader(span.Bytes);
                    while (status.Read())
                    {
                        facts.Status = status is { Field: 3, Wire: 0 } ? (int)Math.Min(status.Number, 9) : facts.Status;
                    }

                    break;
            }
        }

        return facts;
    }

    private static void Attribute(ref SpanFacts facts, ReadOnlySpan<byte> bytes, bool bodies)
    {
        ReadOnlySpan<byte> name = default, value = default;
        var pair = new ProtobufReader(bytes);
        while (pair.Read())
        {
            if (pair is { Field: 1, Wire: 2 }) name = pair.Bytes;
            else if (pair is { Field: 2, Wire: 2 }) value = pair.Bytes;
        }

        if (!SpanFacts.Wants(name, bodies))
        {
            return;
        }

        var any = new ProtobufReader(value);
        while (any.Read())
        {
            switch (any.Field, any.Wire)
            {
                case (1, 2):
                    facts.Set(name, Text(any.Bytes));
                    break;
                case (3, 0):
                    facts.Set(name, (long)any.Number);
                    break;
                case (4, 1):
                    facts.Set(name, BitConverter.UInt64BitsToDouble(any.Number));
                    break;
            }
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("a text is not UTF-8", e);
        }
    }
}
