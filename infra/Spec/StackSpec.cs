using System.Text.Json.Nodes;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>What the stack is asked for. It holds no secret: the values of keys are in <see cref="SecretValues"/>.</summary>
public sealed record StackSpec
{
    public const string DefaultGateway = "openai-compat";
    public const string DefaultBaseUrl = "https://gateway.ai.cloudflare.com";
    public const string DefaultStoreName = "default_secrets_store";

    /// <summary>32 lower-case hex digits.</summary>
    public required string AccountId { get; init; }

    public string GatewayBaseUrl { get; init; } = DefaultBaseUrl;

    /// <summary>Refuse to delete or replace gateways, the store and tokens.</summary>
    public bool Protect { get; init; } = true;

    /// <summary>At least one; ids differ.</summary>
    public required IReadOnlyList<GatewaySpec> Gateways { get; init; }

    /// <summary>Name of the Secrets Store that the stack makes; an account has one at most (contract, section 9).</summary>
    public string StoreName { get; init; } = DefaultStoreName;

    public IReadOnlyList<KeySpec> Keys { get; init; } = [];

    public IReadOnlyList<TokenSpec> Tokens { get; init; } = [];

    /// <summary>Id of a Secrets Store that is there already; null where the stack makes one, or has no keys.</summary>
    public string? ExistingStoreId => Gateways.Select(gateway => gateway.StoreId).FirstOrDefault(id => id is not null);

    /// <summary>Whether the stack makes the Secrets Store.</summary>
    public bool MakesStore => Keys.Count > 0 && ExistingStoreId is null;

    /// <summary>Where clients of the data plane point their base URL.</summary>
    public string EndpointOf(GatewaySpec gateway) => $"{GatewayBaseUrl.TrimEnd('/')}/v1/{AccountId}/{gateway.Id}";

    /// <summary>Whether provider keys of this gateway are stored, by the stack or before it.</summary>
    public bool HasStore(GatewaySpec gateway) => gateway.StoreId is not null || Keys.Any(key => key.Gateway == gateway.Id);
}

/// <summary>One gateway. <paramref name="Fields"/>: every field that has a value, by Cloudflare's names; never changed after reading.</summary>
public sealed record GatewaySpec(string Id, JsonObject Fields)
{
    public string? StoreId => Text("store_id");

    public bool Flag(string field) => Fields[field]?.GetValue<bool>() ?? false;

    public int? Integer(string field) => Fields[field] is { } value ? (int)value.GetValue<double>() : null;

    public string? Text(string field) => Fields[field]?.GetValue<string>();
}

/// <summary>A provider's key that the gateway stores (BYOK), without its value. <paramref name="Variable"/>: environment variable that holds the value, or null where the configuration does.</summary>
public sealed record KeySpec(string Gateway, string Provider, string Alias, string? Variable)
{
    public string SecretName => HandOverFormat.SecretName(Gateway, Provider, Alias);
}

/// <summary>An API token of the account. <paramref name="Use"/> is one of <see cref="TokenUse.All"/>; times are RFC 3339.</summary>
public sealed record TokenSpec(string Name, TokenUse Use, string? NotBefore, string? ExpiresOn, IReadOnlyList<string> Addresses);
