using System.Buffers.Binary;
using System.Text;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Bedrock;

/// <summary>AWS's binary event stream (`application/vnd.amazon.eventstream`): length-prefixed messages with typed headers and two checksums.</summary>
public static class AwsEventStream
{
    public const string ContentType = "application/vnd.amazon.eventstream";

    private const byte StringHeader = 7;
    private const int Prelude = 8;
    private const int Checksum = 4;

    public static byte[] Message(string eventType, ReadOnlySpan<byte> payload)
    {
        byte[] headers = [.. Header(":event-type", eventType), .. Header(":content-type", "application/json"), .. Header(":message-type", "event")];
        var message = new byte[Prelude + Checksum + headers.Length + payload.Length + Checksum];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(Prelude), Crc32.Of(message.AsSpan(0, Prelude)));
        headers.CopyTo(message, Prelude + Checksum);
        payload.CopyTo(message.AsSpan(Prelude + Checksum + headers.Length));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(message.Length - Checksum), Crc32.Of(message.AsSpan(0, message.Length - Checksum)));
        return message;
    }

    private static byte[] Header(string name, string value)
    {
        var (left, right) = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        return [(byte)left.Length, .. left, StringHeader, (byte)(right.Length >> 8), (byte)right.Length, .. right];
    }
}
