namespace GatewayOps.Emulator.DataPlane;

/// <summary>By which door a request came (contract 11).</summary>
public enum CallSurface
{
    /// <summary>`/{provider}/{path}`.</summary>
    Native,

    /// <summary>`/compat/chat/completions`: the model names the provider.</summary>
    Compat,

    /// <summary>POST on the gateway itself: steps.</summary>
    Universal,

    /// <summary>`universal.create` over a WebSocket.</summary>
    WebSocket,

    /// <summary>`/client/v4/accounts/{id}/ai/…` with `cf-aig-gateway-id`.</summary>
    Rest,
}
