namespace GatewayOps.ControlPlane.Access;

/// <summary>Who sent a request to the proxy. <paramref name="Tenant"/> separates callers in cache keys and records.</summary>
public sealed record Caller(string Tenant)
{
    /// <summary>Name of the virtual key; null for callers without one.</summary>
    public string? Key { get; init; }

    /// <summary>Whoever uses the one token of the proxy, or an open proxy on this machine.</summary>
    public static Caller Shared { get; } = new("shared");
}
