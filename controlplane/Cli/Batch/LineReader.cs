namespace GatewayOps.Cli.Batch;

/// <summary>Gives the next bytes; 0 at the end.</summary>
public delegate ValueTask<int> ReadBlock(Memory<byte> into, CancellationToken cancellationToken);

/// <summary>A line without its end. The bytes are good until the next one is read.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Of its first byte.</param>
/// <param name="Text">Without CR and LF; empty where it is too long.</param>
/// <param name="IsWhole">A LF ended it: the last line of a file may lack it.</param>
/// <param name="IsTooLong">Longer than <see cref="LineReader.Longest"/>.</param>
public readonly record struct TextLine(long Number, long Offset, ReadOnlyMemory<byte> Text, bool IsWhole, bool IsTooLong);

/// <summary>Lines of bytes, one in memory at a time.</summary>
public sealed class LineReader(ReadBlock read)
{
    /// <summary>Bytes of a line: pictures are within it, and a file that is no list of lines is found out before it fills the memory.</summary>
    public const int Longest = 16 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _offset;
    private long _number;

    /// <summary>Where the next line begins.</summary>
    public long Offset => _offset;

    /// <summary>Null at the end.</summary>
    public async ValueTask<TextLine?> NextAsync(CancellationToken cancellationToken)
    {
        var (searched, tooLong, began) = (0, false, _offset);
        while (true)
        {
            if (_buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n') is >= 0 and var found)
            {
                var length = searched + found;
                return Take(began, length, length + 1, isWhole: true, tooLong || length > Longest);
            }

            searched = _end - _start;
            if (searched > Longest)
            {
                // What nobody will read is not kept.
                (tooLong, _offset, searched) = (true, _offset + searched, 0);
                (_start, _end) = (0, 0);
            }

            if (!await FillAsync(cancellationToken))
            {
                return searched == 0 && !tooLong ? null : Take(began, searched, searched, isWhole: false, tooLong);
            }
        }
    }

    private TextLine Take(long began, int length, int consumed, bool isWhole, bool isTooLong)
    {
        var text = _buffer.AsMemory(_start, length);
        _start += consumed;
        _offset += consumed;
        return new TextLine(++_number, began, isTooLong ? default : text.Span is [.., (byte)'\r'] ? text[..^1] : text, isWhole, isTooLong);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = await read(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }
}
