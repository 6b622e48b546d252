namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>What an event says about its stream.</summary>
public enum StreamSignal
{
    None,

    /// <summary>The answer is whole.</summary>
    End,

    /// <summary>The answer is whole if the model said why it stopped.</summary>
    Finished,

    /// <summary>The provider says that it failed.</summary>
    Failure,
}
