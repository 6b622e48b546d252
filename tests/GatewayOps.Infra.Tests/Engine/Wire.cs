using System.Text;
using System.Text.Json.Nodes;

namespace GatewayOps.Infra.Tests.Engine;

/// <summary>
/// As much of protocol buffers as the engine's messages need, by hand: the SDK keeps its own messages to itself. Source: pulumi/proto (resource.proto, engine.proto), struct.proto.
/// </summary>
internal static class Wire
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    /// <summary>The fields of a message: texts, messages and lists as bytes, numbers as varints.</summary>
    public static IReadOnlyList<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> Read(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ulong, ReadOnlyMemory<byte>)>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = ReadVarint(message.Span, ref at);
            var field = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case Varint:
                    fields.Add((field, ReadVarint(message.Span, ref at), default));
                    break;
                case Fixed64:
                    fields.Add((field, BitConverter.ToUInt64(message.Span[at..]), default));
                    at += 8;
                    break;
                case Bytes:
                    var length = (int)ReadVarint(message.Span, ref at);
                    fields.Add((field, 0, message.Slice(at, length)));
                    at += length;
                    break;
                case Fixed32:
                    fields.Add((field, BitConverter.ToUInt32(message.Span[at..]), default));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }

        return fields;
    }

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static string TextOf(IReadOnlyList<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> message, int field) => message.Where(item => item.Field == field).Select(item => Text(item.Bytes)).LastOrDefault() ?? "";

    public static bool FlagOf(IReadOnlyList<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> message, int field) => message.Any(item => item.Field == field && item.Number != 0);

    public static string[] TextsOf(IReadOnlyList<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> message, int field) => [.. message.Where(item => item.Field == field).Select(item => Text(item.Bytes))];

    /// <summary>google.protobuf.Struct.</summary>
    public static JsonObject Struct(ReadOnlyMemory<byte> bytes) => new(Read(bytes).Where(item => item.Field == 1).Select(item =>
    {
        var entry = Read(item.Bytes);
        return KeyValuePair.Create(TextOf(entry, 1), entry.Where(part => part.Field == 2).Select(part => Value(part.Bytes)).LastOrDefault());
    }));

    public static byte[] Message(params (int Field, object Value)[] fields)
    {
        using var message = new MemoryStream();
        foreach (var (field, value) in fields)
        {
            switch (value)
            {
                case bool flag:
                    WriteVarint(message, (ulong)(field << 3));
                    WriteVarint(message, flag ? 1UL : 0);
                    break;
                case double number:
                    WriteVarint(message, (ulong)((field << 3) | Fixed64));
                    message.Write(BitConverter.GetBytes(number));
                    break;
                default:
                    var bytes = value as byte[] ?? Encoding.UTF8.GetBytes((string)value);
                    WriteVarint(message, (ulong)((field << 3) | Bytes));
                    WriteVarint(message, (ulong)bytes.Length);
                    message.Write(bytes);
                    break;
            }
        }

        return message.ToArray();
    }

    public static byte[] Struct(JsonObject value) => Message([.. value.Select(member => (1, (object)Message((1, member.Key), (2, Value(member.Value)))))]);

    // google.protobuf.Value: null, number, text, flag, struct, list.
    private static JsonNode? Value(ReadOnlyMemory<byte> bytes)
    {
        var (field, number, content) = Read(bytes) is [.., var last] ? last : default;
        return field switch
        {
            2 => BitConverter.UInt64BitsToDouble(number),
            3 => Text(content),
            4 => number != 0,
            5 => Struct(content),
            6 => new JsonArray([.. Read(content).Select(item => Value(item.Bytes))]),
            _ => null,
        };
    }

    private static byte[] Value(JsonNode? node) => node switch
    {
        null => Message((1, false)),
        JsonObject inner => Message((5, Struct(inner))),
        JsonArray list => Message((6, Message([.. list.Select(item => (1, (object)Value(item)))]))),
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.String => Message((3, node.GetValue<string>())),
            System.Text.Json.JsonValueKind.Number => Message((2, double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture))),
            _ => Message((4, node.GetValue<bool>())),
        },
    };

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private static void WriteVarint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
