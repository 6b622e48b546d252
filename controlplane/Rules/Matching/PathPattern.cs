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

    private readonly int _fewestSegments;
    private readonly bool _isBounded;

    private PathPattern(string text, Segment[] segments)
    {
        (_text, _segments) = (text, segments);
        _fewestSegments = segments.Count(segment => !segment.IsSpan);
        _isBounded = _fewestSegments == segments.Length;
    }

    /// <summary>
    /// How closely the pattern describes its paths, compared member by member in this order, more being more specific: literal segments beat `*` beat `**`.
    /// No member ever grows when a pattern is widened, so a pattern is never less specific than one that includes it.
    /// </summary>
    public (int LiteralSegments, int NamedSegments, int FewestSegments, bool IsBounded) Specificity => (
        _segments.Count(segment => segment.Glob is { IsExact: true }),
        _segments.Count(segment => segment.Glob is { LiteralLength: > 0 }),
        _fewestSegments,
        _isBounded);

    public int LiteralLength => _segments.Sum(segment => segment.Glob?.LiteralLength ?? 0);

    public int Wildcards => _segments.Sum(segment => segment.Glob?.Wildcards ?? 1);

    /// <summary>Null and the reason (with a fix) when the text is no pattern.</summary>
    public static PathPattern? Parse(string text, out string? fault)
    {
        fault = PathPatternSyntax.FaultOf(text);
        return fault is null ? new PathPattern(text, Canonical(text)) : null;
    }

    public static PathPattern Parse(string text) => Parse(text, out var fault) ?? throw new FormatException(fault);

    public bool IsMatch(ReadOnlySpan<char> path) => IsMatch(new OperationPath(path, stackalloc Range[OperationPath.OrdinarySegments]));

    public bool IsMatch(OperationPath path)
    {
        if (path.Count < _fewestSegments || (_isBounded && path.Count > _fewestSegments))
            return false;

        int at = 0, next = 0, span = -1, resume = 0;
        while (next < path.Count)
        {
            if (at < _segments.Length && _segments[at].IsSpan)
            {
                span = at++;
                resume = next;
            }
            else if (at < _segments.Length && _segments[at].Glob!.IsMatch(path[next]))
            {
                at++;
                next++;
            }
            else if (span >= 0)
            {
                // Let the last `**` take one segment more; earlier ones never need to.
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

    /// <summary>What stands at a segment, counted from 0, or from the end with -1; null where anything may, or nothing.</summary>
    public Glob? GlobOf(int segment)
    {
        var fromEnd = segment < 0;
        var at = fromEnd ? _segments.Length + segment : segment;
        if (at < 0 || at >= _segments.Length || (fromEnd ? _segments.AsSpan(at) : _segments.AsSpan(0, at + 1)).Contains(Segment.Span))
            return null;
        return _segments[at].Glob;
    }

    /// <summary>Two literal patterns of different text: true means that they do not intersect; false says nothing.</summary>
    public bool IsPlainlyApartFrom(PathPattern other) =>
        !_text.Contains('*', StringComparison.Ordinal) && !other._text.Contains('*', StringComparison.Ordinal) && _text != other._text;

    /// <summary>Whether some path matches both.</summary>
    public bool Intersects(PathPattern other)
    {
        if (_isBounded && other._isBounded)
            return _segments.Length == other._segments.Length && _segments.Zip(other._segments).All(pair => pair.First.Glob!.Intersects(pair.Second.Glob!));

        // below[j]: can the rest of this after segment i and the rest of the other from segment j match one path?
        var below = new bool[other._segments.Length + 1];
        var row = new bool[other._segments.Length + 1];
        for (var i = _segments.Length; i >= 0; i--)
        {
            for (var j = other._segments.Length; j >= 0; j--)
            {
                Segment? mine = i < _segments.Length ? _segments[i] : null;
                Segment? theirs = j < other._segments.Length ? other._segments[j] : null;
                row[j] = (mine, theirs) switch
                {
                    (null, null) => true,
                    ({ IsSpan: true }, _) => below[j] || (theirs is not null && row[j + 1]),
                    (_, { IsSpan: true }) => row[j + 1] || (mine is not null && below[j]),
                    ({ Glob: { } a }, { Glob: { } b }) => below[j + 1] && a.Intersects(b),
                    _ => false,
                };
            }

            (row, below) = (below, row);
        }

        return below[0];
    }

    /// <summary>Whether every path that matches <paramref name="peer"/> matches this too, for a peer of equal <see cref="Specificity"/>.</summary>
    // With as many literal, named and further segments, one can lie within the other only segment by segment: each named segment of this must take one of the peer, because nothing else
    // takes it, and no `*` is left over to fill up with.
    public bool IncludesPeer(PathPattern peer) => Aligned().Zip(peer.Aligned()).All(pair =>
        (pair.First.AfterSpan || !pair.Second.AfterSpan) && (pair.First.Glob is not { } glob || glob.Includes(pair.Second.Glob!)));

    public override string ToString() => _text;

    // The segments without spans, each with whether a span stands before it; a null at the end for the span there.
    private IEnumerable<(Glob? Glob, bool AfterSpan)> Aligned()
    {
        var afterSpan = false;
        foreach (var segment in _segments)
        {
            if (!segment.IsSpan)
                yield return (segment.Glob, afterSpan);
            afterSpan = segment.IsSpan;
        }

        yield return (null, afterSpan);
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
