namespace GatewayOps.Rules.Matching;

/// <summary>A pattern over one value in which `*` stands for any run of characters, the empty one included. Everything else is literal and case-sensitive.</summary>
public sealed class Glob
{
    // A noncharacter of Unicode: no pattern and no value that the reader accepts contains it.
    private const char Fresh = '\uFFFF';

    private readonly string _pattern;
    private readonly int _firstStar;
    private readonly int _lastStar;

    public Glob(string pattern)
    {
        _pattern = WithoutRepeatedStars(pattern);
        (_firstStar, _lastStar) = (_pattern.IndexOf('*', StringComparison.Ordinal), _pattern.LastIndexOf('*'));
    }

    public bool IsAny => _pattern == "*";

    public bool IsExact => _firstStar < 0;

    public int LiteralLength => _pattern.Length - Wildcards;

    public int Wildcards => _pattern.AsSpan().Count('*');

    /// <summary>What every value that matches begins with; the whole text when the glob is exact.</summary>
    public ReadOnlySpan<char> Beginning => IsExact ? _pattern : _pattern.AsSpan(0, _firstStar);

    /// <summary>What every value that matches ends with; the whole text when the glob is exact.</summary>
    public ReadOnlySpan<char> End => _pattern.AsSpan(_lastStar + 1);

    public bool IsMatch(ReadOnlySpan<char> value)
    {
        if (IsExact)
            return value.SequenceEqual(_pattern);

        int at = 0, next = 0, star = -1, resume = 0;
        while (next < value.Length)
        {
            if (at < _pattern.Length && _pattern[at] == '*')
            {
                star = at++;
                resume = next;
            }
            else if (at < _pattern.Length && _pattern[at] == value[next])
            {
                at++;
                next++;
            }
            else if (star >= 0)
            {
                // Let the last star take one character more; earlier stars never need to, so this is quadratic at worst.
                at = star + 1;
                next = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (at < _pattern.Length && _pattern[at] == '*')
            at++;
        return at == _pattern.Length;
    }

    /// <summary>Whether some value matches both.</summary>
    // Two globs with stars share a value as soon as their beginnings and their ends agree: what is between the stars of one fits into a star of the other.
    public bool Intersects(Glob other)
    {
        if (IsExact)
            return other.IsMatch(_pattern);
        if (other.IsExact)
            return IsMatch(other._pattern);
        return Agree(Beginning, other.Beginning, static (whole, part) => whole.StartsWith(part)) && Agree(End, other.End, static (whole, part) => whole.EndsWith(part));
    }

    /// <summary>Whether every value that matches <paramref name="other"/> matches this too.</summary>
    // What takes a character that occurs in no pattern must be a star, and a star takes anything in its place.
    public bool Includes(Glob other) => IsMatch(other._pattern.Replace('*', Fresh));

    public override string ToString() => _pattern;

    private static bool Agree(ReadOnlySpan<char> a, ReadOnlySpan<char> b, Func<ReadOnlySpan<char>, ReadOnlySpan<char>, bool> covers) => a.Length >= b.Length ? covers(a, b) : covers(b, a);

    private static string WithoutRepeatedStars(string pattern)
    {
        while (pattern.Contains("**", StringComparison.Ordinal))
            pattern = pattern.Replace("**", "*", StringComparison.Ordinal);
        return pattern;
    }
}
