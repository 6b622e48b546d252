namespace GatewayOps.ControlPlane.Proxy;

/// <summary>How a relayed stream ended.</summary>
public enum StreamEndReason
{
    /// <summary>With the terminal event of its dialect.</summary>
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
