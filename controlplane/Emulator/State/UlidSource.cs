using System.Security.Cryptography;

namespace GatewayOps.Emulator.State;

/// <summary>
/// ULIDs: 48 bits of milliseconds and 80 of chance in 26 characters, which sort as they were made, within one millisecond too
/// (github.com/ulid/spec, monotonicity).
/// </summary>
public sealed class UlidSource(TimeProvider time)
{
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private readonly Lock _lock = new();
    private UInt128 _last;

    public string Next()
    {
        UInt128 value;
        lock (_lock)
        {
            Span<byte> chance = stackalloc byte[10];
            RandomNumberGenerator.Fill(chance);
            value = (UInt128)time.GetUtcNow().ToUnixTimeMilliseconds() << 80;
            foreach (var (index, part) in chance.ToArray().Index())
                value |= (UInt128)part << (8 * index);
            // In the same millisecond, and after the system clock went back, the next id is the last one plus one.
            if (value >> 80 <= _last >> 80)
                value = _last + 1;
            _last = value;
        }
        return string.Create(26, value, static (text, bits) =>
        {
            for (var index = text.Length - 1; index >= 0; index--, bits >>= 5)
                text[index] = Crockford[(int)(bits & 31)];
        });
    }
}
