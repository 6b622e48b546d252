using System.Buffers.Binary;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>The wire format of Protocol Buffers, as much of it as spans need (protobuf.dev/programming-guides/encoding). Whatever is not well-formed is a <see cref="FormatException"/>.</summary>
public ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>A message, text or bytes field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>A varint or fixed field.</summary>
    public ulong Number { get; private set; }

    /// <summary>0 varint, 1 fixed64, 2 length, 5 fixed32.</summary>
    public int Wire { get; private set; }

    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        (Field, Wire) = ((int)(tag >> 3), (int)(tag & 7));
        if (Field <= 0)
        {
            throw new FormatException("a field has the number 0");
        }

        switch (Wire)
        {
            case 0:
                Number = Varint();
                return true;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                return true;
            case 2:
                var length = Varint();
                Bytes = Take(length > int.MaxValue ? int.MaxValue : (int)length);
                return true;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                return true;
            default:
                throw new FormatException($"a field has the wire type {Wire}");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw new FormatException("a field is longer than its message");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty)
            {
                throw new FormatException("a number is cut off");
            }

            var part = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number has more than ten bytes");
    }
}
