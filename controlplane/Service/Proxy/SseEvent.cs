namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The text of one server-sent event.</summary>
internal static class SseEvent
{
    /// <summary>
    /// The value of its `data` lines, joined by LF; empty for an event without data (a comment, say).
    /// </summary>
    public static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> sseEvent)
    {
        ReadOnlySpan<byte> data = default;
        byte[]? joined = null;
        var any = false;
        while (!sseEvent.IsEmpty)
        {
            var end = sseEvent.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? sseEvent : sseEvent[..end];
            sseEvent = end < 0 ? default : sseEvent[(end + 1)..];
            if (!TryValue(line, out var value))
            {
                continue;
            }

            if (any)
            {
                joined = [.. data, (byte)'\n', .. value];
                data = joined;
            }
            else
            {
                data = value;
                any = true;
            }
        }

        return data;
    }

    private static bool TryValue(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value)
    {
        // A byte-order mark may open the stream.
        line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        value = line.StartsWith("data:"u8) ? line[5..] : default;
        value = value.StartsWith(" "u8) ? value[1..] : value;
        return line.StartsWith("data:"u8);
    }
}
