namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>Keeps an answer while it is passed on. Disposal before <see cref="Whole"/> means that there is nothing to keep.</summary>
public interface IAnswerKeeper : IDisposable
{
    /// <summary>A piece of the body, in order.</summary>
    void Take(ReadOnlySpan<byte> piece);

    /// <summary>What was taken is a whole answer. Once at most.</summary>
    void Whole();
}

/// <summary>A body that is read by one, while another hears it.</summary>
internal sealed class OverheardStream(Stream inner, IAnswerKeeper keeper) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        keeper.Take(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        keeper.Take(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
