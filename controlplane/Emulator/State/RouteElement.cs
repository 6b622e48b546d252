namespace GatewayOps.Emulator.State;

public enum RouteLimitType
{
    /// <summary>Requests.</summary>
    Count,

    /// <summary>USD that the requests cost.</summary>
    Cost,
}

/// <summary>One node of a dynamic route (contract section 5.1). Edges are ids, which the graph resolves.</summary>
public abstract record RouteElement(string Id)
{
    /// <summary>Every way out of the node, by the name of its output.</summary>
    public abstract IEnumerable<RouteEdge> Edges { get; }

    // A limit and a model may end here, where the documents show no fallback.
    private protected static IEnumerable<RouteEdge> Choice(string success, string? fallback) =>
        fallback is null ? [new RouteEdge("success", success)] : [new RouteEdge("success", success), new RouteEdge("fallback", fallback)];
}

public readonly record struct RouteEdge(string Output, string ElementId);

public sealed record StartElement(string Id, string Next) : RouteElement(Id)
{
    public override IEnumerable<RouteEdge> Edges => [new("next", Next)];
}

public sealed record ConditionalElement(string Id, RouteCondition Condition, string WhenTrue, string WhenFalse) : RouteElement(Id)
{
    public override IEnumerable<RouteEdge> Edges => [new("true", WhenTrue), new("false", WhenFalse)];
}

/// <summary>A named share of a split: percent of the requests.</summary>
public sealed record RouteShare(string Output, double Percent, string ElementId);

/// <summary>Requests split by chance. Without `Else` the shares total 100 %.</summary>
public sealed record PercentageElement(string Id, IReadOnlyList<RouteShare> Shares, string? Else) : RouteElement(Id)
{
    public override IEnumerable<RouteEdge> Edges =>
        [.. Shares.Select(share => new RouteEdge(share.Output, share.ElementId)), .. Else is null ? (RouteEdge[])[] : [new("else", Else)]];

    /// <summary>The element for a point from 0 to below 100: the shares lie on that line in their order, `Else` takes the rest.</summary>
    public string Pick(double point)
    {
        foreach (var share in Shares)
        {
            if (point < share.Percent)
                return share.ElementId;
            point -= share.Percent;
        }
        // The shares may total a little less than 100, as sums of fractions do.
        return Else ?? Shares[^1].ElementId;
    }
}

/// <summary>
/// At most `Limit` requests, or USD, in a window for each value of `Key`. `Technique` is null where the document does not say it.
/// </summary>
public sealed record RateElement(
    string Id, RouteLimitType LimitType, string Key, double Limit, TimeSpan Window, RateLimitTechnique? Technique, string Success, string? Fallback) : RouteElement(Id)
{
    public override IEnumerable<RouteEdge> Edges => Choice(Success, Fallback);
}

/// <summary>A call of a provider. `Timeout` is to the first byte; zero = none.</summary>
public sealed record ModelElement(string Id, string Provider, string Model, TimeSpan Timeout, int Retries, string Success, string? Fallback) : RouteElement(Id)
{
    public override IEnumerable<RouteEdge> Edges => Choice(Success, Fallback);
}

/// <summary>Answers with the last successful model response, or an error where there was none.</summary>
public sealed record EndElement(string Id) : RouteElement(Id)
{
    public override IEnumerable<RouteEdge> Edges => [];
}
