namespace GatewayOps.Client.Wire;

/// <summary>
/// The bytes of an answer, counted, because whoever reads keeps them: a whole answer until its end, an event of a stream until it is whole. Of a stream the count begins anew with each event, so that
/// what comes between two is bounded, comments that keep a connection alive included.
/// </summary>
/// <param name="stream">What is read. It ends with this.</param>
/// <param name="most">Bytes that may come.</param>
/// <param name="failure">What is thrown at one more.</param>
internal sealed class BoundedBytes(Stream stream, int most, Func<GatewayException> failure) : Stream
{
    /// <summary>Bytes of a stream without an event, 16 MiB: more than any model says in one piece.</summary>
    public const int MostOfAnEvent = 16 << 20;

    private int _since;

    /// <summary>A stream of events.</summary>
    public static BoundedBytes OfEvents(Stream stream, string? requestId) =>
        new(stream, MostOfAnEvent, () => new GatewayAnswerTooLargeException($"The stream has {MostOfAnEvent >> 20} MiB without an event: it is none that could be read.", new GatewayFailure(null, null, requestId), MostOfAnEvent));

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

    protected override void Dispose(bool disposing)
    {
        if (disposing) stream.Dispose();
        base.Dispose(disposing);
    }

    private int Counted(int read) => (_since += read) <= most ? read : throw failure();
}
