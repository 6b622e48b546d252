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

    public static readonly RevisionId Source = new("production-rules", 3);

    /// <summary>A graph that calls one model, with a fallback to the end.</summary>
    public static string Graph(string model = "gpt-4o-mini", string provider = "openai", int timeout = 60000) => $$$"""
        [{"id":"start","type":"start","outputs":{"next":{"elementId":"m"} } },
         {"id":"m","type":"model","properties":{"provider":"{{{provider}}}","model":"{{{model}}}","timeout":{{{timeout}}},"retries":2},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"} } },
         {"id":"end","type":"end","outputs":{}}]
        """;

    public static DesiredState WithRoute(this DesiredState desired, string name, string graph) =>
        desired with { IsEmpty = false, Routes = [.. desired.Routes, new DesiredRoute(name, Source, RouteElements.Of(JsonNode.Parse(graph)!.AsArray()))] };

    public static DesiredState WithPolicy(this DesiredState desired, string name, string action = """{"type":"no-limit"}""", string actor = "*", string? model = null, string? condition = null) => desired with
    {
        IsEmpty = false,
        Policies = [.. desired.Policies, new AccessPolicy { Name = name, Actor = actor, Model = model, Condition = condition, Action = JsonNode.Parse(action)!.AsObject() }],
    };

    public static DesiredState WithCustomProvider(this DesiredState desired, string slug, string baseUrl = "https://llm.example.com/v1", string? description = null) => desired with
    {
        IsEmpty = false,
        CustomProviders = [.. desired.CustomProviders, new CustomProviderEntry { Slug = slug, Name = $"Provider {slug}", BaseUrl = baseUrl, Description = description }],
    };

    public static DesiredState Pruning(this DesiredState desired, bool allowMassDelete = false) => desired with { Prune = true, PruneAccount = true, AllowMassDelete = allowMassDelete };

    public static ObservedState WithLiveRoute(this ObservedState observed, string name, string graph, string? id = null) =>
        observed with { Routes = [.. observed.Routes, new ObservedRoute(id ?? $"r-{name}", name, $"v-{name}", RouteElements.Of(JsonNode.Parse(graph)!.AsArray()))] };

    public static ObservedState WithLivePolicy(this ObservedState observed, string name, string fields, string? id = null, bool draft = false) =>
        observed with { Policies = [.. observed.Policies, new ObservedPolicy(id ?? $"p-{name}", name, PolicyFields.Of(JsonNode.Parse(fields)!.AsObject()), draft)] };

    public static ObservedState WithLiveCustomProvider(this ObservedState observed, string slug, string fields, string? id = null) =>
        observed with { CustomProviders = [.. observed.CustomProviders, new ObservedCustomProvider(id ?? $"cp-{slug}", slug, CustomProviderFields.Of(JsonNode.Parse(fields)!.AsObject()))] };

    /// <summary>What the helpers above call an object, as one that we made.</summary>
    public static InventoryItem Made(ObjectKind kind, string key) => new(kind, key, (kind switch { ObjectKind.Route => "r-", ObjectKind.Policy => "p-", _ => "cp-" }) + key);
}
