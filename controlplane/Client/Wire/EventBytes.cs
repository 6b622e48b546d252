namespace GatewayOps.Client.Wire;

/// <summary>
/// The bytes of an event stream, counted: a parser of events keeps what it reads until an event is whole, and so would keep a stream that never ends one. What comes between two events is
/// bounded here, whole batches of comments that keep a connection alive included.
/// </summary>
internal sealed class EventBytes(Stream stream, string? requestId) : Stream
{
    /// <summary>Bytes without an event, 16 MiB: more than any model says in one piece.</summary>
    public const int Most = 16 << 20;

    private int _since;

    /// <summary>An event came.</summary>
    public void Restart() => _since = 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Counted(await stream.ReadAsync(buffer, cancellationToken));

    public override int Read(byte[] buffer, int offset, int count) => Counted(stream.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Counted(int read)
    {
        _since += read;
        return _since <= Most ? read : throw new GatewayException($"The stream has {Most >> 20} MiB without an event: it is none that could be read.", new GatewayFailure(null, null, requestId));
    }
}
