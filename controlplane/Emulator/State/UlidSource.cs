using System.Buffers.Binary;
using System.Security.Cryptography;

namespace GatewayOps.Emulator.State;

/// <summary>Makes ULIDs that sort as they were made, within one millisecond too (github.com/ulid/spec, monotonicity).</summary>
public sealed class UlidSource(TimeProvider time)
{
    private readonly Lock _lock = new();
    private Ulid _last;
    private Ulid _lastGiven;

    public Ulid Next()
    {
        var made = New(time.GetUtcNow());
        lock (_lock)
        {
            // In the same millisecond, and after the system clock went back, the next id is the last one plus one.
            return _last = made.Time > _last.Time ? made : _last.Next();
        }
    }

    /// <summary>An id of a given time: ids of one millisecond sort as they were made when no other time was asked for between them.</summary>
    public Ulid Next(DateTimeOffset at)
    {
        var made = New(at);
        lock (_lock)
            return _lastGiven = made.Time == _lastGiven.Time ? _lastGiven.Next() : made;
    }

    private static Ulid New(DateTimeOffset at)
    {
        Span<byte> chance = stackalloc byte[10];
        RandomNumberGenerator.Fill(chance);
        return new Ulid(Ulid.SmallestOf(at).High | BinaryPrimitives.ReadUInt16BigEndian(chance), BinaryPrimitives.ReadUInt64BigEndian(chance[2..]));
    }
}
