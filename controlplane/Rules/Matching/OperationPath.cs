namespace GatewayOps.Rules.Matching;

/// <summary>What rules match: the segments of a request path without `/v1` (whichever endpoint form it came by) and without one trailing slash. Split once per request.</summary>
internal readonly ref struct OperationPath
{
    /// <summary>Ranges to bring along (on the stack) so that an ordinary path costs no allocation.</summary>
    public const int OrdinarySegments = 32;

    private readonly ReadOnlySpan<char> _text;
    private readonly Span<Range> _segments;

    public OperationPath(ReadOnlySpan<char> path, Span<Range> buffer)
    {
        if (path.StartsWith("/v1/"))
            path = path[3..];
        if (path is ['/', ..])
            path = path[1..];
        if (path is [.., '/'])
            path = path[..^1];
        _text = path;
        _segments = path.Count('/') < buffer.Length ? buffer : new Range[path.Count('/') + 1];
        Count = path.IsEmpty ? 0 : path.Split(_segments, '/');
    }

    public int Count { get; }

    public ReadOnlySpan<char> this[int segment] => _text[_segments[segment]];
}
