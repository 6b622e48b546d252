namespace GatewayOps.Rules.Matching;

/// <summary>The one algorithm behind the overlap of globs (tokens are characters) and of path patterns (tokens are segments).</summary>
internal static class Wildcard
{
    /// <summary>
    /// Whether two token patterns share a word. A star stands for any run of tokens; two other tokens meet when some concrete token fits both.
    /// Time is the product of the lengths.
    /// </summary>
    public static bool Intersect<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Func<T, bool> isStar, Func<T, T, bool> meet)
    {
        // below[j]: do the rest of a after its token i and the rest of b from token j share a word?
        var below = new bool[b.Length + 1];
        var row = new bool[b.Length + 1];
        for (var i = a.Length; i >= 0; i--)
        {
            for (var j = b.Length; j >= 0; j--)
                row[j] = Meets(a, b, i, j);
            (row, below) = (below, row);
        }

        return below[0];

        bool Meets(ReadOnlySpan<T> a, ReadOnlySpan<T> b, int i, int j)
        {
            if (i == a.Length && j == b.Length)
                return true;
            if (i < a.Length && isStar(a[i]))
                return below[j] || (j < b.Length && row[j + 1]);
            if (j < b.Length && isStar(b[j]))
                return row[j + 1] || (i < a.Length && below[j]);
            return i < a.Length && j < b.Length && meet(a[i], b[j]) && below[j + 1];
        }
    }
}
