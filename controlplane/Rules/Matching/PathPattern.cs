namespace GatewayOps.Rules.Matching;

/// <summary>
/// A pattern over an operation path (`/chat/completions`). `*` stands for any characters within one segment, a segment `**` for any number of segments, none included.
/// Paths are compared segment by segment, case-sensitively; one trailing slash of the path is ignored.
/// </summary>
internal sealed class PathPattern
{
    public const int MaxLength = 256;
    public const int MaxSegments = 32;

    private readonly string _text;
    private readonly Segment[] _segments;

    private PathPattern(string text, Segment[] segments) => (_text, _segments) = (text, segments);

    /// <summary>
    /// How closely the pattern describes its paths, compared member by member in this order, more being more specific: literal segments beat `*` beat `**`.
    /// No member ever grows when a pattern is widened, so a pattern is never less specific than one that includes it.
    /// </summary>
    public (int LiteralSegments, int NamedSegments, int FewestSegments, bool IsBounded) Specificity => (
        _segments.Count(segment => segment.Glob is { IsExact: true }),
        _segments.Count(segment => segment.Glob is { LiteralLength: > 0 }),
        _segments.Count(segment => !segment.IsSpan),
        !_segments.Any(segment => segment.IsSpan));

    public int LiteralLength => _segments.Sum(segment => segment.Glob?.LiteralLength ?? 0);

    public int Wildcards => _segments.Sum(segment => segment.Glob?.Wildcards ?? 1);

    /// <summary>Null and the reason (with a fix) when the text is no pattern.</summary>
    public static PathPattern? Parse(string text, out string? fault)
    {
        fault = PathPatternSyntax.FaultOf(text);
        return fault is null ? new PathPattern(text, Canonical(text)) : null;
    }

    public static PathPattern Parse(string text) => Parse(text, out var fault) ?? throw new FormatException(fault);

    public bool IsMatch(ReadOnlySpan<char> path)
    {
        path = Trimmed(path);
        var most = path.Count('/') + 1;
        Span<Range> ranges = most <= 64 ? stackalloc Range[64] : new Range[most];
        var count = path.IsEmpty ? 0 : path.Split(ranges, '/');

        int at = 0, next = 0, span = -1, resume = 0;
        while (next < count)
        {
            if (at < _segments.Length && _segments[at].IsSpan)
            {
                span = at++;
                resume = next;
            }
            else if (at < _segments.Length && _segments[at].Glob!.IsMatch(path[ranges[next]]))
            {
                at++;
                next++;
            }
            else if (span >= 0)
            {
                at = span + 1;
                next = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (at < _segments.Length && _segments[at].IsSpan)
            at++;
        return at == _segments.Length;
    }

    /// <summary>Whether some path matches both.</summary>
    public bool Intersects(PathPattern other) =>
        Wildcard.Intersect<Segment>(_segments, other._segments, static s => s.IsSpan, static (a, b) => a.Glob!.Intersects(b.Glob!));

    /// <summary>Whether every path that matches <paramref name="other"/> matches this too.</summary>
    // Walks the other pattern while it keeps the set of positions that this pattern can be at (bit n: before segment n), so it is exact for any mix of `*` and `**`.
    // A span of the other may take any number of samples; a set that was seen before ends the walk.
    public bool Includes(PathPattern other)
    {
        var seen = new HashSet<(int At, ulong Positions)>();
        var open = new Stack<(int At, ulong Positions)>();
        Visit(0, PastSpans(1));
        while (open.TryPop(out var state))
        {
            if (state.At == other._segments.Length)
            {
                if ((state.Positions & (1UL << _segments.Length)) == 0)
                    return false;
            }
            else if (other._segments[state.At].Glob is { } glob)
            {
                Visit(state.At + 1, Step(state.Positions, glob));
            }
            else
            {
                Visit(state.At + 1, state.Positions);
                Visit(state.At, Step(state.Positions, Glob.Any));
            }
        }

        return true;

        void Visit(int at, ulong positions)
        {
            if (seen.Add((at, positions)))
                open.Push((at, positions));
        }
    }

    public override string ToString() => _text;

    private ulong Step(ulong positions, Glob segment)
    {
        var next = 0UL;
        for (var i = 0; i < _segments.Length; i++)
        {
            if ((positions & (1UL << i)) == 0)
                continue;
            if (_segments[i].IsSpan)
                next |= 1UL << i;
            else if (_segments[i].Glob!.Includes(segment))
                next |= 1UL << (i + 1);
        }

        return PastSpans(next);
    }

    private ulong PastSpans(ulong positions)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[i].IsSpan && (positions & (1UL << i)) != 0)
                positions |= 1UL << (i + 1);
        }

        return positions;
    }

    private static ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> path)
    {
        if (path is ['/', ..])
            path = path[1..];
        return path is [.., '/'] ? path[..^1] : path;
    }

    // Within a run of wildcard segments only the number of `*` and the presence of `**` matter: `**/*/**` means `*/**`.
    // With one form per meaning, patterns that match the same paths are equally specific.
    private static Segment[] Canonical(string text)
    {
        var segments = new List<Segment>();
        var spans = false;
        foreach (var part in text == "/" ? [] : text[1..].Split('/'))
        {
            if (part == "**")
            {
                spans = true;
                continue;
            }

            var glob = new Glob(part);
            if (spans && !glob.IsAny)
            {
                segments.Add(Segment.Span);
                spans = false;
            }

            segments.Add(new Segment(glob));
        }

        if (spans)
            segments.Add(Segment.Span);
        return [.. segments];
    }

    private readonly record struct Segment(Glob? Glob)
    {
        public static Segment Span => new(null);

        public bool IsSpan => Glob is null;
    }
}
