using System.Buffers.Binary;
using System.Text;

namespace GatewayOps.Tests.Emulator.Export;

/// <summary>A protobuf message read by nothing but the wire format: field number to its values in their order.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, int Type, ulong Number, byte[] Bytes)> _fields = [];

    public WireMessage(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var tag = Varint(ref bytes);
            var (field, type) = ((int)(tag >> 3), (int)(tag & 7));
            switch (type)
            {
                case 0:
                    _fields.Add((field, type, Varint(ref bytes), []));
                    break;
                case 1:
                    _fields.Add((field, type, BinaryPrimitives.ReadUInt64LittleEndian(bytes), []));
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref bytes);
                    _fields.Add((field, type, 0, bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                default:
                    throw new InvalidDataException($"wire type {type}");
            }
        }
    }

    public IEnumerable<WireMessage> Messages(int field) => Of(field, 2).Select(value => new WireMessage(value.Bytes));

    public WireMessage Message(int field) => Messages(field).Single();

    public string Text(int field) => Encoding.UTF8.GetString(Of(field, 2).Single().Bytes);

    public string Hex(int field) => Convert.ToHexStringLower(Of(field, 2).Single().Bytes);

    public ulong Varint(int field) => Of(field, 0).Single().Number;

    public ulong Fixed64(int field) => Of(field, 1).Single().Number;

    /// <summary>The value of an AnyValue, whichever of its members it has.</summary>
    public object Any => _fields.Single() switch
    {
        (1, 2, _, var bytes) => Encoding.UTF8.GetString(bytes),
        (2, 0, var flag, _) => flag == 1,
        (3, 0, var number, _) => (long)number,
        (4, 1, var bits, _) => BitConverter.UInt64BitsToDouble(bits),
        var other => throw new InvalidDataException($"field {other.Field}"),
    };

    public bool Has(int field) => _fields.Exists(value => value.Field == field);

    private IEnumerable<(int Field, int Type, ulong Number, byte[] Bytes)> Of(int field, int type) => _fields.Where(value => value.Field == field && value.Type == type);

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
