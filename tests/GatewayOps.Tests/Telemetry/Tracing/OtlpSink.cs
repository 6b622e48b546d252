using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Telemetry.Tracing;

/// <summary>A span as it arrived. Ids are hex.</summary>
internal sealed record ReceivedSpan(
    string TraceId, string Id, string ParentId, string State, string Name, int Kind, ulong Start, ulong End, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Links, int Status,
    IReadOnlyDictionary<string, string> Resource)
{
    public bool IsServer => Kind == 2;
    public bool IsClient => Kind == 3;
}

/// <summary>
/// A collector on a real socket: takes OTLP in protobuf, over HTTP or by gRPC, and decodes it by itself. Source: opentelemetry-proto, trace/v1, metrics/v1 and collector/trace/v1; gRPC over HTTP/2.
/// </summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    // Of a gRPC message: whether it is compressed, and its length.
    private const int FrameHeader = 5;

    private readonly WebApplication _app;

    private OtlpSink(WebApplication app) => _app = app;

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    public ConcurrentDictionary<string, bool> Metrics { get; } = new();

    public ConcurrentQueue<string> Headers { get; } = new();

    /// <summary>By gRPC anything but 200 is the status INVALID_ARGUMENT of a call that HTTP calls a success.</summary>
    public int Status { get; set; } = 200;

    public string Url => _app.Urls.First();

    public static async Task<OtlpSink> StartAsync(bool isGrpc = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var sink = new OtlpSink(app);
        app.Run(sink.TakeAsync);
        await app.StartAsync();
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var isGrpc = context.Request.ContentType == "application/grpc";
        if (isGrpc)
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[FrameHeader]); // an empty message
            context.Response.AppendTrailer("grpc-status", Status == 200 ? "0" : "3");
        }
        else
        {
            context.Response.StatusCode = Status;
        }

        if (Status != 200)
        {
            return;
        }

        Assert.Contains(context.Request.ContentType, new[] { "application/x-protobuf", "application/grpc" });
        Headers.Enqueue($"{context.Request.Path} {context.Request.Headers["x-tenant"]}");
        foreach (var resource in Message.Of(body.ToArray().AsMemory(isGrpc ? FrameHeader : 0)).All(1))
        {
            if (context.Request.Path.Value is "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
            {
                TakeSpans(resource);
            }
            else
            {
                foreach (var metric in resource.All(2).SelectMany(scope => scope.All(2)))
                {
                    Metrics[metric.Text(1)] = true;
                }
            }
        }
    }

    private void TakeSpans(Message resource)
    {
        var about = Tags(resource.All(1).Single().All(1));
        foreach (var span in resource.All(2).SelectMany(scope => scope.All(2)))
        {
            Spans.Enqueue(new(
                span.Hex(1), span.Hex(2), span.Hex(4), span.Text(3), span.Text(5), (int)span.Number(6), span.Number(7), span.Number(8), Tags(span.All(9)),
                [.. span.All(13).Select(link => link.Hex(1))], (int)(span.All(15).FirstOrDefault()?.Number(3) ?? 0), about));
        }
    }

    private static Dictionary<string, string> Tags(IEnumerable<Message> tags) => tags.ToDictionary(tag => tag.Text(1), tag => Value(tag.All(2).Single()));

    private static string Value(Message value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(2) ? value.Number(2) == 1 ? "true" : "false"
        : value.Has(3) ? ((long)value.Number(3)).ToString()
        : value.Has(4) ? BitConverter.UInt64BitsToDouble(value.Number(4)).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : string.Join(",", value.All(5).SelectMany(list => list.All(1)).Select(Value));

    /// <summary>Fields of one protobuf message: number, and bytes or a number.</summary>
    private sealed class Message
    {
        private readonly List<(int Field, ReadOnlyMemory<byte> Bytes, ulong Number)> _fields = [];

        public static Message Of(ReadOnlyMemory<byte> bytes)
        {
            var message = new Message();
            for (var at = 0; at < bytes.Length;)
            {
                var key = Varint(bytes.Span, ref at);
                switch (key & 7)
                {
                    case 0:
                        message._fields.Add(((int)(key >> 3), default, Varint(bytes.Span, ref at)));
                        break;
                    case 1:
                        message._fields.Add(((int)(key >> 3), default, BitConverter.ToUInt64(bytes.Span[at..])));
                        at += 8;
                        break;
                    case 2:
                        var length = (int)Varint(bytes.Span, ref at);
                        message._fields.Add(((int)(key >> 3), bytes.Slice(at, length), 0));
                        at += length;
                        break;
                    case 5:
                        message._fields.Add(((int)(key >> 3), default, BitConverter.ToUInt32(bytes.Span[at..])));
                        at += 4;
                        break;
                    default:
                        throw new FormatException($"wire type {key & 7}");
                }
            }

            return message;
        }

        public bool Has(int field) => _fields.Exists(one => one.Field == field);

        public IEnumerable<Message> All(int field) => _fields.Where(one => one.Field == field).Select(one => Of(one.Bytes));

        public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

        public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

        public ulong Number(int field) => _fields.FirstOrDefault(one => one.Field == field).Number;

        private ReadOnlySpan<byte> Bytes(int field) => _fields.FirstOrDefault(one => one.Field == field).Bytes.Span;

        private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
