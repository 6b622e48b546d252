using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What Cloudflare said, in the shape in which it is compared.</summary>
public sealed record ObservedState
{
    public required string Gateway { get; init; }

    public bool Exists => Fields is not null;

    /// <summary>The known fields; null for a gateway that is not there.</summary>
    public IReadOnlyDictionary<string, FieldValue>? Fields { get; init; }

    /// <summary>Where the gateway's spans go. Not for showing: an address may hold a credential.</summary>
    public IReadOnlyList<string> ExportUrls { get; init; } = [];

    /// <summary>Stores, secrets and configurations are read only where keys are declared or were made by us: fewer permissions, fewer calls.</summary>
    public IReadOnlyList<ObservedStore> Stores { get; init; } = [];

    public IReadOnlyList<ObservedSecret> Secrets { get; init; } = [];

    public IReadOnlyList<ObservedProviderConfig> ProviderConfigs { get; init; } = [];

    /// <summary>Routes, policies and custom providers, too, are read only where they are declared or were made by us.</summary>
    public IReadOnlyList<ObservedRoute> Routes { get; init; } = [];

    /// <summary>Drafts included.</summary>
    public IReadOnlyList<ObservedPolicy> Policies { get; init; } = [];

    /// <summary>Of the account.</summary>
    public IReadOnlyList<ObservedCustomProvider> CustomProviders { get; init; } = [];

    public static ObservedState Missing(string gateway) => new() { Gateway = gateway };

    public static ObservedState Of(string gateway, JsonObject fields) => new() { Gateway = gateway, Fields = Normalizer.Fields(fields), ExportUrls = DesiredExporter.UrlsOf(fields) };
}

public sealed record ObservedStore(string Id, string Name);

/// <summary>Metadata of a secret. <paramref name="ForGateways"/>: its scopes hold ai_gateway.</summary>
public sealed record ObservedSecret(string Id, string Name, string StoreId, bool IsActive, bool ForGateways);

public sealed record ObservedProviderConfig(string Id, string Provider, string Alias, bool IsDefault, string? SecretId)
{
    public string Key => $"{Provider}/{Alias}";
}

/// <summary>A dynamic route with the graph of its deployed version (<see cref="RouteElements"/>).</summary>
public sealed record ObservedRoute(string Id, string Name, string VersionId, IReadOnlyDictionary<string, FieldValue> Elements);

/// <summary>A policy (<see cref="PolicyFields"/>). A draft of changes to a policy has that policy's id.</summary>
public sealed record ObservedPolicy(string Id, string Name, IReadOnlyDictionary<string, FieldValue> Fields, bool IsDraft);

/// <summary>A custom provider of the account (<see cref="CustomProviderFields"/>).</summary>
public sealed record ObservedCustomProvider(string Id, string Slug, IReadOnlyDictionary<string, FieldValue> Fields);
