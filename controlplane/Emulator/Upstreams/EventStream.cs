using System.Buffers;
using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>Server-sent events (WHATWG HTML 9.2), written into one buffer. Each becomes one piece of the reply.</summary>
/// <param name="lineEnd">`\n`, or `\r\n` where a provider writes that.</param>
public sealed class EventStream(string lineEnd = "\n")
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly List<int> _ends = [];
    private readonly byte[] _eventEnd = [.. lineEnd.Select(sign => (byte)sign), .. lineEnd.Select(sign => (byte)sign)];
    private Utf8JsonWriter? _json;

    /// <summary>One event with one JSON value as its data; <paramref name="name"/> is left out where the dialect names none.</summary>
    public void Write<T>(ReadOnlySpan<byte> name, T state, Action<Utf8JsonWriter, T> write)
    {
        if (!name.IsEmpty)
        {
            _bytes.Write("event: "u8);
            _bytes.Write(name);
            _bytes.Write(_eventEnd.AsSpan(0, _eventEnd.Length / 2));
        }
        _bytes.Write("data: "u8);
        _json ??= new Utf8JsonWriter(_bytes, WireJson.Writing);
        _json.Reset();
        write(_json, state);
        _json.Flush();
        End();
    }

    public void Write<T>(T state, Action<Utf8JsonWriter, T> write) => Write([], state, write);

    /// <summary>The end mark of OpenAI's dialect: `data: [DONE]`.</summary>
    public void Done()
    {
        _bytes.Write("data: [DONE]"u8);
        End();
    }

    public UpstreamReply ToReply(params ReadOnlySpan<KeyValuePair<string, string>> headers) => UpstreamReply.Pieces(
        UpstreamReply.EventStream + "; charset=utf-8", Pieces(), [new("cache-control", "no-cache"), .. headers]);

    public IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        var start = 0;
        foreach (var end in _ends)
        {
            yield return _bytes.WrittenMemory[start..end];
            start = end;
        }
    }

    private void End()
    {
        _bytes.Write(_eventEnd);
        _ends.Add(_bytes.WrittenCount);
    }
}
