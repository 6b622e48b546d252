namespace GatewayOps.Rules.Matching;

/// <summary>A pattern over one value in which `*` stands for any run of characters, the empty one included. Everything else is literal and case-sensitive.</summary>
internal sealed class Glob
{
    // A noncharacter of Unicode: no pattern and no value that the reader accepts contains it.
    private const char Fresh = '\uFFFF';

    private readonly string _pattern;

    public Glob(string pattern) => _pattern = WithoutRepeatedStars(pattern);

    public static Glob Any { get; } = new("*");

    public bool IsAny => _pattern == "*";

    public bool IsExact => !_pattern.Contains('*', StringComparison.Ordinal);

    public int LiteralLength => _pattern.Length - Wildcards;

    public int Wildcards => _pattern.AsSpan().Count('*');

    public bool IsMatch(ReadOnlySpan<char> value)
    {
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
    public bool Intersects(Glob other) =>
        Wildcard.Intersect(_pattern.AsSpan(), other._pattern.AsSpan(), static c => c == '*', static (a, b) => a == b);

    /// <summary>Whether every value that matches <paramref name="other"/> matches this too.</summary>
    // What takes a character that occurs in no pattern must be a star, and a star takes anything in its place.
    public bool Includes(Glob other) => IsMatch(other.Sample());

    /// <summary>A value that this pattern matches and, of two patterns, only the one that includes this pattern matches as well.</summary>
    public string Sample() => _pattern.Replace('*', Fresh);

    public override string ToString() => _pattern;

    private static string WithoutRepeatedStars(string pattern)
    {
        while (pattern.Contains("**", StringComparison.Ordinal))
            pattern = pattern.Replace("**", "*", StringComparison.Ordinal);
        return pattern;
    }
}
