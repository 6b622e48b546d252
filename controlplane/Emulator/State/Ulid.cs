using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace GatewayOps.Emulator.State;

/// <summary>
/// A ULID: 48 bits of milliseconds since 1970 and 80 of chance, 26 characters on the wire (github.com/ulid/spec). Its order is that of time,
/// and of the texts.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Ulid(ulong High, ulong Low) : IComparable<Ulid>
{
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int TextLength = 26;

    /// <summary>When it was made, to the millisecond.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)(High >> 16));

    /// <summary>No id of this time, or of a later one, is smaller.</summary>
    public static Ulid SmallestOf(DateTimeOffset time) => new((ulong)Math.Max(0, time.ToUnixTimeMilliseconds()) << 16, 0);

    /// <summary>No id of this time, or of an earlier one, is as large.</summary>
    public static Ulid SmallestAfter(DateTimeOffset time) => SmallestOf(time) with { High = SmallestOf(time).High + (1 << 16) };

    /// <summary>The id after this one.</summary>
    public Ulid Next() => new(Low == ulong.MaxValue ? High + 1 : High, unchecked(Low + 1));

    /// <summary>The id before this one; of the smallest, itself.</summary>
    public Ulid Previous() => Low > 0 ? new(High, Low - 1) : High > 0 ? new(High - 1, ulong.MaxValue) : this;

    /// <summary>Only the canonical text, in capitals, is an id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ulid id)
    {
        id = default;
        if (text is not { Length: TextLength } || text[0] > '7')
            return false;
        UInt128 value = 0;
        foreach (var character in text)
        {
            var digit = Crockford.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            value = (value << 5) | (uint)digit;
        }
        id = new Ulid((ulong)(value >> 64), (ulong)value);
        return true;
    }

    public int CompareTo(Ulid other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public override string ToString() => string.Create(TextLength, new UInt128(High, Low), static (text, bits) =>
    {
        for (var index = text.Length - 1; index >= 0; index--, bits >>= 5)
            text[index] = Crockford[(int)(bits & 31)];
    });

    public static bool operator <(Ulid left, Ulid right) => left.CompareTo(right) < 0;

    public static bool operator >(Ulid left, Ulid right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ulid left, Ulid right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ulid left, Ulid right) => left.CompareTo(right) >= 0;
}
