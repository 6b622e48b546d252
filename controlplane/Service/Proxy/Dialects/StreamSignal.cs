namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>What the type of an event says about its stream.</summary>
public enum StreamSignal
{
    None,

    /// <summary>The answer is whole.</summary>
    End,

    /// <summary>The provider says that it failed.</summary>
    Failure,
}
