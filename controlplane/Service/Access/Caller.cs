namespace GatewayOps.ControlPlane.Access;

/// <summary>Who sent a request to the proxy. <paramref name="Tenant"/> separates callers in cache keys and records.</summary>
public sealed record Caller(string Tenant)
{
    /// <summary>Scopes and limits; null for callers without a key of their own, who have none.</summary>
    public VirtualKey? VirtualKey { get; init; }

    /// <summary>Headers with the caller's own key of a provider, as they came; empty where the stored keys are used. Only the provider that the request names may see them, and only those that it takes are here.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> OwnKeys { get; init; } = [];

    /// <summary>Name of the virtual key; null for callers without one.</summary>
    public string? Key => VirtualKey?.Name;

    /// <summary>Whether the caller may ask for a model, named as its provider names it.</summary>
    public bool MayUse(string provider, string model) => VirtualKey?.Scope.AllowsModel(provider, model) ?? true;

    /// <summary>Whoever uses the one token of the proxy, or an open proxy on this machine.</summary>
    public static Caller Shared { get; } = new("shared");

    public static Caller Of(VirtualKey key) => new(key.Tenant) { VirtualKey = key };
}
