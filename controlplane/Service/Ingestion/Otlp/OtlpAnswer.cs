using System.Buffers;
using System.Text;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>
/// Answers of the receiver, in the encoding of the request: ExportTraceServiceResponse, with what was rejected (partial_success), or a google.rpc.Status that says what is wrong.
/// Source: opentelemetry.io/docs/specs/otlp, OTLP/HTTP Response.
/// </summary>
public static class OtlpAnswer
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = "application/json";

    public static Task StoredAsync(HttpResponse response, bool isProtobuf, int rejected, string? message, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        if (isProtobuf)
        {
            if (rejected > 0)
            {
                var partial = new ArrayBufferWriter<byte>();
                Varint(partial, 1, (ulong)rejected);
                Bytes(partial, 2, Encoding.UTF8.GetBytes(message!));
                Bytes(body, 1, partial.WrittenSpan);
            }
        }
        else
        {
            using var json = new Utf8JsonWriter(body);
            json.WriteStartObject();
            if (rejected > 0)
            {
                json.WriteStartObject("partialSuccess");
                json.WriteString("rejectedSpans", rejected.ToString(System.Globalization.CultureInfo.InvariantCulture));
                json.WriteString("errorMessage", message);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return WriteAsync(response, 200, isProtobuf, body, cancellationToken);
    }

    /// <param name="code">Of google.rpc.Code.</param>
    public static Task RefuseAsync(HttpResponse response, int status, bool isProtobuf, int code, string message, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        if (isProtobuf)
        {
            Varint(body, 1, (ulong)code);
            Bytes(body, 2, Encoding.UTF8.GetBytes(message));
        }
        else
        {
            using var json = new Utf8JsonWriter(body);
            json.WriteStartObject();
            json.WriteNumber("code", code);
            json.WriteString("message", message);
            json.WriteEndObject();
        }

        return WriteAsync(response, status, isProtobuf, body, cancellationToken);
    }

    private static async Task WriteAsync(HttpResponse response, int status, bool isProtobuf, ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, isProtobuf ? Protobuf : Json, body.WrittenCount);
        await response.Body.WriteAsync(body.WrittenMemory, cancellationToken);
    }

    private static void Bytes(ArrayBufferWriter<byte> to, int field, ReadOnlySpan<byte> value)
    {
        Raw(to, (ulong)((field << 3) | 2));
        Raw(to, (ulong)value.Length);
        to.Write(value);
    }

    private static void Varint(ArrayBufferWriter<byte> to, int field, ulong value)
    {
        Raw(to, (ulong)(field << 3));
        Raw(to, value);
    }

    private static void Raw(ArrayBufferWriter<byte> to, ulong value)
    {
        var span = to.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        to.Advance(length);
    }
}
