using System.Buffers;
using System.IO.Compression;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>The answer is larger than the setting allows.</summary>
public sealed class ScrapeTooLargeException(int limit) : Exception($"the answer of /metrics is larger than {limit} bytes ({TelemetryOptions.Section}:MaxScrapeBytes)");

/// <summary>
/// The state of one collection and what is answered from it. Each form (text or OpenMetrics, compressed or not) is written once, by the first who asks, and shared by all: many scrapers at once
/// cost what one costs.
/// </summary>
public sealed class ScrapePicture
{
    private readonly Lazy<ScrapeBody>[] _bodies;

    /// <param name="families">What was collected.</param>
    /// <param name="takenAt">Timestamp of the collection's end.</param>
    /// <param name="mostBytes">Of an answer before compression.</param>
    public ScrapePicture(IReadOnlyList<MetricFamily> families, long takenAt, int mostBytes)
    {
        TakenAt = takenAt;
        _bodies = new Lazy<ScrapeBody>[4];
        foreach (var openMetrics in new[] { false, true })
        {
            _bodies[Index(openMetrics, gzip: false)] = new(() => ScrapeBody.Written(families, openMetrics, mostBytes));
            _bodies[Index(openMetrics, gzip: true)] = new(() => ScrapeBody.Compressed(families, openMetrics, mostBytes));
        }
    }

    public long TakenAt { get; }

    /// <exception cref="ScrapeTooLargeException">It has more bytes than allowed.</exception>
    public ScrapeBody Body(bool openMetrics, bool gzip) => _bodies[Index(openMetrics, gzip)].Value;

    private static int Index(bool openMetrics, bool gzip) => (openMetrics ? 2 : 0) + (gzip ? 1 : 0);
}

/// <summary>Bytes of an answer, in pieces that the garbage collector takes lightly.</summary>
public sealed class ScrapeBody
{
    private readonly List<ReadOnlyMemory<byte>> _pieces;

    private ScrapeBody(Pieces pieces) => (_pieces, Length) = (pieces.End(), pieces.Length);

    public long Length { get; }

    public static ScrapeBody Written(IReadOnlyList<MetricFamily> families, bool openMetrics, int mostBytes)
    {
        var pieces = new Pieces(mostBytes);
        ExpositionWriter.Write(pieces, families, openMetrics);
        return new(pieces);
    }

    /// <summary>Through one buffer: the text as a whole is never in memory.</summary>
    public static ScrapeBody Compressed(IReadOnlyList<MetricFamily> families, bool openMetrics, int mostBytes)
    {
        var pieces = new Pieces(int.MaxValue);
        using (var gzip = new GZipStream(new PiecesStream(pieces), CompressionLevel.Fastest))
        {
            var through = new Pieces(mostBytes, gzip);
            ExpositionWriter.Write(through, families, openMetrics);
            through.End();
        }

        return new(pieces);
    }

    public async Task CopyToAsync(Stream to, CancellationToken cancellationToken)
    {
        foreach (var piece in _pieces) await to.WriteAsync(piece, cancellationToken);
    }

    /// <summary>Keeps what is written, or passes it on.</summary>
    private sealed class Pieces(int most, Stream? to = null) : IBufferWriter<byte>
    {
        // Below what counts as a large object.
        private const int Usual = 32 * 1024;

        private readonly List<ReadOnlyMemory<byte>> _full = [];
        private byte[] _current = [];
        private int _used;

        public long Length { get; private set; }

        public void Advance(int count)
        {
            _used += count;
            Length += count;
            if (Length > most) throw new ScrapeTooLargeException(most);
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_current.Length - _used < Math.Max(1, sizeHint))
            {
                Keep();
                if (_current.Length < sizeHint || _current.Length == 0) _current = GC.AllocateUninitializedArray<byte>(Math.Max(Usual, sizeHint));
            }

            return _current.AsMemory(_used);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public List<ReadOnlyMemory<byte>> End()
        {
            Keep();
            return _full;
        }

        private void Keep()
        {
            if (to is not null)
            {
                to.Write(_current, 0, _used);
            }
            else
            {
                if (_used > 0) _full.Add(_current.AsMemory(0, _used));
                _current = [];
            }

            _used = 0;
        }
    }

    private sealed class PiecesStream(Pieces pieces) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => pieces.Length;
        public override long Position { get => pieces.Length; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => pieces.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => pieces.Write(buffer);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
