namespace GatewayOps.Rules;

/// <summary>The known name that a misspelt one was most likely meant to be.</summary>
internal static class Suggestion
{
    /// <summary>Null when nothing is near: at most a quarter of the letters may differ, and one in any name of four or more.</summary>
    public static string? For(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > 64)
            return null;
        var (nearest, distance) = known
            .Select(candidate => (Candidate: candidate, Distance: Distance(Plain(name), Plain(candidate))))
            .OrderBy(entry => entry.Distance).ThenBy(entry => entry.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest is not null && distance <= Math.Max(nearest.Length / 4, nearest.Length > 3 ? 1 : 0) ? nearest : null;
    }

    /// <summary>
    /// Up to <paramref name="most"/> names of models, the nearest first: those of which at most two letters or a quarter of them differ in what stands behind the last slash.
    /// </summary>
    public static IReadOnlyList<string> Nearest(string model, IEnumerable<string> known, int most)
    {
        if (model.Length is 0 or > 128)
            return [];
        var own = Own(model);
        return [.. known.Distinct()
            .Select(candidate => (Candidate: candidate, Distance: Own(candidate) == own ? 0 : Distance(Own(candidate), own)))
            .Where(entry => entry.Distance <= Math.Max(own.Length > 3 ? 2 : 0, Math.Max(own.Length, Own(entry.Candidate).Length) / 4))
            .OrderBy(entry => entry.Distance).ThenBy(entry => entry.Candidate, StringComparer.Ordinal)
            .Take(most).Select(entry => entry.Candidate)];

        static string Own(string name) => Plain(name[(name.LastIndexOf('/') + 1)..]);
    }

    /// <summary>A sentence to append to a message, with its leading space; empty when nothing is near.</summary>
    public static string Sentence(string name, IEnumerable<string> known) => For(name, known) is { } nearest ? $" Did you mean \"{nearest}\"?" : "";

    // rateLimit, Rate-Limit and rate_limit are one word to the person who typed it.
    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
