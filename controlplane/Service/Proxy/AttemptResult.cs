namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What all attempts of one request came to: a reply, or the failure to tell.</summary>
public sealed record AttemptResult(UpstreamReply? Reply, UpstreamFailure? Failure)
{
    public required int Attempts { get; init; }

    /// <summary>Time spent on upstreams and on waiting for them; the rest of a request's time is our own.</summary>
    public required TimeSpan UpstreamTime { get; init; }

    /// <summary>The reply is the first of its model for a while: see <see cref="ColdModels"/>.</summary>
    public bool IsCold { get; init; }
}
