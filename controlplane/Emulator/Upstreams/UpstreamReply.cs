using System.Runtime.CompilerServices;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>A provider's answer. The body comes in the provider's own pieces: one server-sent event per piece where the provider is simulated.</summary>
/// <param name="Headers">End-to-end headers; Content-Type among them, Content-Length not.</param>
/// <param name="Body">Enumerated once. Throws <see cref="UpstreamUnreachableException"/> where the provider broke off.</param>
public sealed class UpstreamReply(
    int status,
    IReadOnlyList<KeyValuePair<string, string>> headers,
    IAsyncEnumerable<ReadOnlyMemory<byte>> body,
    IDisposable? connection = null) : IDisposable
{
    public const string EventStream = "text/event-stream";

    public int Status => status;

    public IReadOnlyList<KeyValuePair<string, string>> Headers => headers;

    public IAsyncEnumerable<ReadOnlyMemory<byte>> Body => body;

    public bool IsSuccess => status is >= 200 and < 300;

    public bool IsEventStream => ContentType?.StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) == true;

    public string? ContentType { get; } = ContentTypeOf(headers);

    public static string? ContentTypeOf(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                return value;
        return null;
    }

    public static UpstreamReply Json(int status, byte[] body, params KeyValuePair<string, string>[] headers) =>
        new(status, [new("content-type", "application/json"), .. headers], Once(body));

    public static UpstreamReply Events(IEnumerable<byte[]> events, params KeyValuePair<string, string>[] headers) =>
        new(200, [new("content-type", EventStream + "; charset=utf-8"), new("cache-control", "no-cache"), .. headers], Each(events));

    /// <summary>The same answer, broken off after <paramref name="events"/> pieces; a plain body never arrives whole.</summary>
    public UpstreamReply CutAfter(int events) =>
        new(status, headers, Cut(body, IsEventStream ? events : 0), connection);

    public void Dispose() => connection?.Dispose();

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Once(byte[] body)
    {
        await Task.CompletedTask;
        yield return body;
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Each(IEnumerable<byte[]> events, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var one in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return one;
            await Task.Yield(); // a long answer must not hold the thread of its reader
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Cut(
        IAsyncEnumerable<ReadOnlyMemory<byte>> body, int pieces, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var piece in body.WithCancellation(cancellationToken))
        {
            if (pieces-- <= 0)
                break;
            yield return piece;
        }
        throw new UpstreamUnreachableException("The provider closed the connection before the answer was whole.");
    }
}
