namespace GatewayOps.Rules.Matching;

internal enum SubjectKind
{
    Model,
    Provider,
    Method,
    Key,
    Metadata,
    Header,

    /// <summary>A segment of the path; only the index asks for one, rules describe paths by patterns.</summary>
    Segment,
}

/// <summary>What of a request is looked at. <paramref name="Name"/>: of the metadata member or the header. <paramref name="Segment"/>: from 0, or from the end with -1.</summary>
internal readonly record struct Subject(SubjectKind Kind, string Name = "", int Segment = 0)
{
    public static Comparer<Subject> Order { get; } = Comparer<Subject>.Create(Compare);

    /// <summary>False when the request has none, so that no condition on it holds.</summary>
    public bool TryRead(in RequestFacts request, OperationPath path, out ReadOnlySpan<char> value)
    {
        if (Kind == SubjectKind.Segment)
        {
            var segment = Segment < 0 ? path.Count + Segment : Segment;
            var isThere = segment >= 0 && segment < path.Count;
            value = isThere ? path[segment] : default;
            return isThere;
        }

        var text = Kind switch
        {
            SubjectKind.Method => request.Method,
            SubjectKind.Provider => request.Provider,
            SubjectKind.Model => request.Model,
            SubjectKind.Key => request.Key,
            SubjectKind.Metadata => request.Details?.Metadata(Name),
            _ => request.Details?.Header(Name),
        };
        value = text;
        return text is not null;
    }

    /// <summary>The cheap ones first.</summary>
    public static int Compare(Subject a, Subject b) => a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind)
        : string.CompareOrdinal(a.Name, b.Name) is var byName and not 0 ? byName
        : a.Segment.CompareTo(b.Segment);

    public override string ToString() => Kind switch
    {
        SubjectKind.Metadata => $"metadata.{Name}",
        SubjectKind.Header => $"header.{Name}",
        SubjectKind.Segment => $"segment {Segment}",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>A subject and what it must look like.</summary>
internal readonly record struct Condition(Subject Subject, Glob Glob);
