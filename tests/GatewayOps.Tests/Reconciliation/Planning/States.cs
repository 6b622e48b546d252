using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>Short ways to say what is desired and what Cloudflare shows.</summary>
internal static class States
{
    public const string StoreId = "5f1e0c7a";

    public static DesiredState Desired(string settings = "{}", params DeclaredKey[] keys) => DesiredState.Of(
        CompiledRuleSet.Empty("prod") with
        {
            Revisions = [new RevisionId("production-rules", 3)],
            Settings = JsonNode.Parse(settings)!.AsObject().ToDictionary(field => field.Key, field => field.Value),
        },
        keys);

    public static ObservedState Observed(string fields = "{}") => ObservedState.Of("prod", JsonNode.Parse(fields)!.AsObject());

    public static DeclaredKey Key(string provider, string alias = "default") => new(provider, alias, DeclaredKey.SecretNameOf("prod", provider, alias));

    public static ObservedState WithStore(this ObservedState observed) => observed with { Stores = [.. observed.Stores, new ObservedStore(StoreId, "default_secrets_store")] };

    public static ObservedState WithSecret(this ObservedState observed, DeclaredKey key, string? id = null, bool active = true, bool forGateways = true) =>
        observed with { Secrets = [.. observed.Secrets, new ObservedSecret(id ?? $"s-{key.Provider}-{key.Alias}", key.SecretName, StoreId, active, forGateways)] };

    public static ObservedState WithConfig(this ObservedState observed, DeclaredKey key, string? id = null, string? secretId = null, bool? isDefault = null) =>
        observed with
        {
            ProviderConfigs = [.. observed.ProviderConfigs, new ObservedProviderConfig(id ?? $"c-{key.Provider}-{key.Alias}", key.Provider, key.Alias, isDefault ?? key.IsDefault, secretId ?? $"s-{key.Provider}-{key.Alias}")],
        };

    public static Inventory Ours(params InventoryItem[] items) => new(items);
}
