using System.Buffers;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The text of one server-sent event.</summary>
internal static class SseEvent
{
    /// <summary>
    /// The value of its `data` lines, joined by LF; empty for an event without data (a comment, say). Only an event with more than one such line is copied, once.
    /// </summary>
    public static ReadOnlyMemory<byte> Data(ReadOnlyMemory<byte> sseEvent)
    {
        ReadOnlyMemory<byte> data = default;
        byte[]? joined = null;
        var (lines, length) = (0, 0);
        for (var rest = sseEvent; !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (ValueAt(line.Span) is not { } start)
            {
                continue;
            }

            var value = line[start..];
            if (lines++ == 0)
            {
                (data, length) = (value, value.Length);
                continue;
            }

            if (joined is null)
            {
                joined = new byte[sseEvent.Length];
                data.CopyTo(joined);
            }

            joined[length] = (byte)'\n';
            value.CopyTo(joined.AsMemory(length + 1));
            length += 1 + value.Length;
        }

        return joined is null ? data : joined.AsMemory(0, length);
    }

    /// <summary>The event of such data, a `data` line for each line of it; named by its type where that is given.</summary>
    public static byte[] Of(ReadOnlySpan<byte> data, ReadOnlySpan<byte> type = default)
    {
        var text = new ArrayBufferWriter<byte>(data.Length + type.Length + 32);
        if (!type.IsEmpty)
        {
            text.Write("event: "u8);
            text.Write(type);
            text.Write("\n"u8);
        }

        foreach (var line in data.Split((byte)'\n'))
        {
            text.Write("data: "u8);
            text.Write(data[line]);
            text.Write("\n"u8);
        }

        text.Write("\n"u8);
        return text.WrittenSpan.ToArray();
    }

    // Null where the line is no data.
    private static int? ValueAt(ReadOnlySpan<byte> line)
    {
        // A byte-order mark may open the stream.
        var start = line.StartsWith("\uFEFF"u8) ? 3 : 0;
        if (!line[start..].StartsWith("data:"u8))
        {
            return null;
        }

        start += 5;
        return line[start..].StartsWith(" "u8) ? start + 1 : start;
    }
}
