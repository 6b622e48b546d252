using System.Text.Json.Serialization;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

[JsonConverter(typeof(SnakeCaseEnum<ChangeOp>))]
public enum ChangeOp
{
    Create,
    Update,
    Delete,

    /// <summary>Told, never done: it belongs to somebody else, or only a person can do it.</summary>
    Report,
}

/// <summary>What Cloudflare keeps for us, in the order in which one thing needs the other.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ObjectKind>))]
public enum ObjectKind
{
    SecretStore,
    Secret,
    CustomProvider,
    Gateway,
    ProviderConfig,
    Route,
    Policy,
}

/// <summary>
/// One difference between desired and observed. <paramref name="Key"/> names the object: the gateway's id, the secret's name, `slug/alias` of a provider_config,
/// the slug of a custom provider, the name of a route or policy.
/// <paramref name="Field"/>, <paramref name="From"/> and <paramref name="To"/> are there where one field differs; neither ever holds a secret's value.
/// </summary>
public sealed record Change(
    ChangeOp Op,
    ObjectKind Kind,
    string Key,
    string Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldValue? From = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldValue? To = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldOwner? Owner = null)
{
    /// <summary>True for what the applier does; false for a report.</summary>
    [JsonIgnore]
    public bool IsAction => Op != ChangeOp.Report;

    /// <summary>What the change is about within its gateway: `cache_ttl` for a field, `route/chat` for an object.</summary>
    [JsonIgnore]
    public string Subject => Kind == ObjectKind.Gateway ? Field ?? "gateway" : $"{SnakeCaseEnum<ObjectKind>.Of(Kind)}/{Key}";
}
