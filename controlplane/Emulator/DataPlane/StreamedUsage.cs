using System.Buffers;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Watches an event stream go by and keeps what it reports of its tokens. Memory is bounded: an event line over 1 MiB is not read.</summary>
public sealed class StreamedUsage
{
    private const int MostLine = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _skipping;
    private ReportedTokens? _reported;

    public TokenUsage? Usage => _reported?.ToUsage();

    public void Watch(ReadOnlySpan<byte> piece)
    {
        while (piece.IndexOf((byte)'\n') is >= 0 and var end)
        {
            // A line that came whole is read where it is.
            if (_line.WrittenCount == 0 && !_skipping)
            {
                Read(piece[..end]);
            }
            else
            {
                Add(piece[..end]);
                EndLine();
            }
            piece = piece[(end + 1)..];
        }
        Add(piece);
    }

    private void Add(ReadOnlySpan<byte> part)
    {
        _skipping |= _line.WrittenCount + part.Length > MostLine;
        if (!_skipping)
            _line.Write(part);
    }

    private void EndLine()
    {
        if (!_skipping)
            Read(_line.WrittenSpan);
        _line.ResetWrittenCount();
        _skipping = false;
    }

    private void Read(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("data:"u8) && ReportedTokens.Read(line["data:".Length..]) is { } reported)
            _reported = _reported?.Then(reported) ?? reported;
    }
}
