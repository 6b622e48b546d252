using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What Cloudflare said, in the shape in which it is compared.</summary>
public sealed record ObservedState
{
    public required string Gateway { get; init; }

    public bool Exists => Fields is not null;

    /// <summary>The known fields; null for a gateway that is not there.</summary>
    public IReadOnlyDictionary<string, FieldValue>? Fields { get; init; }

    /// <summary>Stores, secrets and configurations are read only where keys are declared or were made by us: fewer permissions, fewer calls.</summary>
    public IReadOnlyList<ObservedStore> Stores { get; init; } = [];

    public IReadOnlyList<ObservedSecret> Secrets { get; init; } = [];

    public IReadOnlyList<ObservedProviderConfig> ProviderConfigs { get; init; } = [];

    public static ObservedState Missing(string gateway) => new() { Gateway = gateway };

    public static ObservedState Of(string gateway, JsonObject fields) => new() { Gateway = gateway, Fields = Normalizer.Fields(fields) };
}

public sealed record ObservedStore(string Id, string Name);

/// <summary>Metadata of a secret. <paramref name="ForGateways"/>: its scopes hold ai_gateway.</summary>
public sealed record ObservedSecret(string Id, string Name, string StoreId, bool IsActive, bool ForGateways);

public sealed record ObservedProviderConfig(string Id, string Provider, string Alias, bool IsDefault, string? SecretId)
{
    public string Key => $"{Provider}/{Alias}";
}
