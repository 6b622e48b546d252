using System.Buffers;
using System.Runtime.CompilerServices;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Cuts a byte stream into server-sent events without looking at their text. Line ends are LF, CR or CRLF; an event ends with an empty line
/// (WHATWG HTML, section 9.2.5). At most <paramref name="maxEventBytes"/> are held: no line length of the upstream can grow our memory.
/// </summary>
public sealed class SseEventReader(Stream stream, int maxEventBytes) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private int _start;
    private int _scanned;
    private int _lineStart;
    private int _end;
    private bool _ended;
    private bool _reading;

    /// <summary>An event is larger than the bound; nothing more can be read.</summary>
    public bool IsOversized { get; private set; }

    /// <summary>
    /// The next event that has already arrived, with its closing empty line, byte for byte. Valid until the next <see cref="FillAsync"/>.
    /// </summary>
    public bool TryRead(out ReadOnlyMemory<byte> sseEvent)
    {
        while (_scanned < _end)
        {
            var rest = _buffer.AsSpan(_scanned, _end - _scanned);
            var offset = rest.IndexOfAny((byte)'\r', (byte)'\n');
            if (offset < 0)
            {
                _scanned = _end;
                break;
            }

            var lineEnd = _scanned + offset;
            var next = lineEnd + 1;
            if (_buffer[lineEnd] == '\r')
            {
                if (next == _end && !_ended)
                {
                    // The LF of a CRLF may still be on its way.
                    _scanned = lineEnd;
                    break;
                }

                next += next < _end && _buffer[next] == '\n' ? 1 : 0;
            }

            var isEmpty = lineEnd == _lineStart;
            _scanned = next;
            _lineStart = next;
            if (!isEmpty)
            {
                continue;
            }

            var first = _start;
            _start = next;
            if (lineEnd > first)
            {
                sseEvent = _buffer.AsMemory(first, next - first);
                return true;
            }
        }

        sseEvent = default;
        IsOversized |= _end - _start > maxEventBytes;
        return false;
    }

    /// <summary>
    /// Waits for more bytes. False at the end of the stream or when an event is oversized; one last <see cref="TryRead"/> may then still find an event.
    /// An unfinished event at the end is dropped, as the standard says.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_ended || IsOversized)
        {
            return false;
        }

        MakeRoom();
        _reading = true;
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _reading = false;
        _end += read;
        _ended = read == 0;
        return !_ended;
    }

    public void Dispose()
    {
        // A buffer that a failed or abandoned read may still write to belongs to nobody else.
        if (_buffer.Length > 0 && !_reading)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void MakeRoom()
    {
        var held = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
            (_scanned, _lineStart, _end, _start) = (_scanned - _start, _lineStart - _start, held, 0);
        }

        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
