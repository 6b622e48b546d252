using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>How a relayed stream ended, and what it told.</summary>
public sealed record StreamEnd(StreamEndReason Reason, TokenUsage? Usage);

public enum StreamEndReason
{
    /// <summary>`[DONE]` after a finish_reason.</summary>
    Completed,

    /// <summary>The upstream ended, broke or fell silent before its terminal event.</summary>
    Truncated,

    /// <summary>The upstream sent an error inside the stream.</summary>
    UpstreamError,

    /// <summary>One event was larger than the bound.</summary>
    Oversized,

    /// <summary>The client went away.</summary>
    Cancelled,
}
