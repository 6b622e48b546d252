namespace GatewayOps.Rules.Matching;

internal enum Part
{
    Whole,
    First,
    Last,
}

/// <summary>A subject, or its first or last <paramref name="Length"/> characters: what an index can look up.</summary>
internal readonly record struct Dimension(Subject Subject, Part Part = Part.Whole, int Length = 0)
{
    /// <summary>The one text that a request must have here to match the rule; false where it may have several.</summary>
    public bool TryRead(MatchSet rule, out ReadOnlySpan<char> key)
    {
        key = default;
        if (rule.GlobOf(Subject) is not { } glob || (Part == Part.Whole && !glob.IsExact))
            return false;
        key = Part == Part.Last ? glob.End : glob.Beginning;
        return TryCut(ref key);
    }

    /// <summary>False when the request has nothing here: no rule with a key matches it.</summary>
    public bool TryRead(in RequestFacts request, OperationPath path, out ReadOnlySpan<char> key) => Subject.TryRead(request, path, out key) && TryCut(ref key);

    /// <summary>Whether a rule that has no key here may match a request that has this one.</summary>
    public bool MayMeet(MatchSet rule, string key) => rule.GlobOf(Subject) is not { } glob || Part switch
    {
        Part.Whole => glob.IsMatch(key),
        // An exact text without a key is too short for any request that has one.
        Part.First => !glob.IsExact && key.AsSpan().StartsWith(glob.Beginning),
        _ => !glob.IsExact && key.AsSpan().EndsWith(glob.End),
    };

    private bool TryCut(ref ReadOnlySpan<char> key)
    {
        if (Part == Part.Whole)
            return true;
        if (key.Length < Length)
            return false;
        key = Part == Part.First ? key[..Length] : key[^Length..];
        return true;
    }
}
