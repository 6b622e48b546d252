using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.ControlPlane.Reconciliation.Stacks;

/// <summary>
/// What a Pulumi stack hands over: the objects that it owns, by name and id, and the gateway fields that it sets. It holds no secret; <see cref="StackReader"/> sees to that.
/// </summary>
public sealed record StackDocument
{
    /// <summary>Member `schema` of this version.</summary>
    public const string Version = HandOverFormat.Version;

    public required string Project { get; init; }
    public required string Stack { get; init; }
    public required string AccountId { get; init; }

    /// <summary>Base URL of the data plane, for people.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Id of the Secrets Store; null where the stack has none.</summary>
    public string? SecretsStoreId { get; init; }

    public required IReadOnlyList<StackGateway> Gateways { get; init; }

    /// <summary>Secrets that hold provider keys. The links to the gateways (provider_configs) are the control plane's.</summary>
    public IReadOnlyList<StackSecret> Secrets { get; init; } = [];

    /// <summary>Names of the API tokens that the stack made.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    public string Name => $"{Project}/{Stack}";

    /// <summary>Everything that belongs to Pulumi, as it is told to people.</summary>
    public IEnumerable<(string Kind, string Key)> Objects =>
    [
        .. Gateways.Select(gateway => ("gateway", gateway.Id)),
        .. SecretsStoreId is { } store ? [("secret_store", store)] : Array.Empty<(string, string)>(),
        .. Secrets.Select(secret => ("secret", secret.Name)),
        .. Tokens.Select(token => ("token", token)),
    ];

    /// <summary>What is desired of a gateway once the stack's word is added: its fields are compared and never written, its secrets are linked and never written or deleted.</summary>
    public DesiredState AddTo(DesiredState desired) => Gateways.FirstOrDefault(gateway => gateway.Id == desired.Gateway) is not { } declared ? desired : desired with
    {
        Stack = Name,
        StackFields = declared.Fields.ToDictionary(field => field.Key, field => Normalizer.Field(field.Key, field.Value)),
        Keys = [.. desired.Keys, .. Secrets.Where(secret => secret.Gateway == desired.Gateway).Select(secret => new DeclaredKey(secret.Provider, secret.Alias, secret.Name) { Stack = Name })],
    };

    /// <summary>The document in its own spelling, as it is stored and answered.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["schema"] = Version, ["project"] = Project, ["stack"] = Stack, ["accountId"] = AccountId };
        if (Endpoint is not null)
        {
            json["endpoint"] = Endpoint;
        }

        if (SecretsStoreId is not null)
        {
            json["secretsStore"] = new JsonObject { ["id"] = SecretsStoreId };
        }

        json["gateways"] = new JsonArray([.. Gateways.Select(gateway => new JsonObject { ["id"] = gateway.Id, ["fields"] = new JsonObject(gateway.Fields.Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))) })]);
        json["secrets"] = new JsonArray([.. Secrets.Select(SecretJson)]);
        json["tokens"] = new JsonArray([.. Tokens.Select(token => new JsonObject { ["name"] = token })]);
        return json;
    }

    private static JsonObject SecretJson(StackSecret secret)
    {
        var json = new JsonObject { ["name"] = secret.Name, ["gateway"] = secret.Gateway, ["provider"] = secret.Provider, ["alias"] = secret.Alias };
        if (secret.Id is not null)
        {
            json["id"] = secret.Id;
        }

        return json;
    }
}

/// <summary><paramref name="Fields"/>: gateway fields that Pulumi owns, by Cloudflare's names, with the values that the stack gives them.</summary>
public sealed record StackGateway(string Id, IReadOnlyDictionary<string, JsonNode?> Fields);

/// <summary>A secret of the stack that holds a provider's key. <paramref name="Name"/> is `{gateway}_{provider}_{alias}`, as Cloudflare demands.</summary>
public sealed record StackSecret(string Name, string? Id, string Gateway, string Provider, string Alias);
