using System.Buffers;
using System.Text;

namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>Cuts a byte stream into the data of its server-sent events (WHATWG HTML 9.2), whatever the pieces that it comes in.</summary>
public sealed class EventSplitter
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly StringBuilder _data = new();
    private bool _hasData;

    /// <summary>The events that end in this piece.</summary>
    public IReadOnlyList<string> Add(ReadOnlySpan<byte> piece)
    {
        var events = new List<string>();
        while (piece.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _line.Write(piece[..end]);
            EndLine(_line.WrittenSpan.TrimEnd((byte)'\r'), events);
            _line.ResetWrittenCount();
            piece = piece[(end + 1)..];
        }
        _line.Write(piece);
        return events;
    }

    private void EndLine(ReadOnlySpan<byte> line, List<string> events)
    {
        if (line.Length == 0)
        {
            if (_hasData)
                events.Add(_data.ToString());
            _data.Clear();
            _hasData = false;
        }
        else if (line.StartsWith("data:"u8))
        {
            if (_hasData)
                _data.Append('\n');
            var text = line["data:".Length..];
            _data.Append(Encoding.UTF8.GetString(text.StartsWith(" "u8) ? text[1..] : text));
            _hasData = true;
        }
    }
}
