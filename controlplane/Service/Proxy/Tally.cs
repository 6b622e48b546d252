using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What becomes the record of one request, noted on its way. An exception leaves the outcome that it begins with.</summary>
public sealed class Tally
{
    public required bool Stream { get; init; }

    /// <summary>As the caller named it, then as the upstream that is asked does; null where nobody names one.</summary>
    public string? Model { get; set; }

    /// <summary>Null for a request that was refused before rules were looked at.</summary>
    public RouteDecision? Decision { get; set; }

    /// <summary>Asked last; null while none was.</summary>
    public UpstreamTarget? Target { get; set; }

    public RequestQuota? Quota { get; set; }
    public KeyVisit? Visit { get; set; }

    /// <summary>Null where it is that of the answer.</summary>
    public int? Status { get; set; }

    public string Outcome { get; set; } = Outcomes.UpstreamError;
    public TokenUsage? Tokens { get; set; }
    public TimeSpan? FirstByte { get; set; }
    public bool IsCold { get; set; }

    /// <summary>What the proxy itself added before the first byte; null where it is not known.</summary>
    public TimeSpan? Overhead { get; set; }

    /// <summary>The caller went away.</summary>
    public void WasLeft()
    {
        Outcome = Outcomes.Cancelled;
        Status ??= StatusCodes.Status499ClientClosedRequest;
    }
}
