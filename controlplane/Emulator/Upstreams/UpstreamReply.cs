using System.Runtime.CompilerServices;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>A provider's answer. The body comes in the provider's own pieces: one server-sent event per piece where the provider is simulated.</summary>
/// <param name="headers">End-to-end headers; Content-Type among them, Content-Length not.</param>
/// <param name="body">Enumerated once. Throws <see cref="UpstreamUnreachableException"/> where the provider broke off.</param>
public sealed class UpstreamReply(
    int status,
    IReadOnlyList<KeyValuePair<string, string>> headers,
    IAsyncEnumerable<ReadOnlyMemory<byte>> body,
    IDisposable? connection = null) : IDisposable
{
    public const string EventStream = "text/event-stream";

    private const int PiecesAtOnce = 32;
    public const string JsonType = "application/json";

    private static readonly KeyValuePair<string, string> JsonHeader = new("content-type", JsonType);

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

    public static UpstreamReply Json(int status, byte[] body, params ReadOnlySpan<KeyValuePair<string, string>> headers) =>
        new(status, [JsonHeader, .. headers], new Single(body));

    /// <summary>A body that is no JSON: an image, audio, text.</summary>
    public static UpstreamReply Bytes(string contentType, byte[] body, params ReadOnlySpan<KeyValuePair<string, string>> headers) =>
        new(200, [new("content-type", contentType), .. headers], new Single(body));

    /// <summary>A body in pieces, each flushed when it is written.</summary>
    public static UpstreamReply Pieces(string contentType, IEnumerable<ReadOnlyMemory<byte>> pieces, params ReadOnlySpan<KeyValuePair<string, string>> headers) =>
        new(200, [new("content-type", contentType), .. headers], Each(pieces));

    /// <summary>The same answer, broken off after <paramref name="events"/> pieces; a plain body never arrives whole.</summary>
    public UpstreamReply CutAfter(int events) =>
        new(status, headers, Cut(body, IsEventStream ? events : 0), connection);

    public void Dispose() => connection?.Dispose();

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Each(
        IEnumerable<ReadOnlyMemory<byte>> pieces, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var sent = 0;
        foreach (var one in pieces)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return one;
            if (++sent % PiecesAtOnce == 0)
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

    /// <summary>A body that is there already: the usual case, without the machinery of an iterator.</summary>
    private sealed class Single(byte[] body) : IAsyncEnumerable<ReadOnlyMemory<byte>>, IAsyncEnumerator<ReadOnlyMemory<byte>>
    {
        private bool _given;

        public ReadOnlyMemory<byte> Current => body;

        public IAsyncEnumerator<ReadOnlyMemory<byte>> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync()
        {
            var more = !_given;
            _given = true;
            return ValueTask.FromResult(more);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
