using System.Net;
using System.Text.Json;

namespace GatewayOps.Emulator.State;

public enum TokenOwner
{
    Account,
    User,
}

public enum TokenStatus
{
    Active,
    Disabled,
    Expired,
}

/// <summary>What a caller decides about a token (contract section 10).</summary>
/// <param name="Status">What was set; a token whose time is over is expired whatever it says.</param>
/// <param name="Condition">As it was sent: `{request_ip: {in: [], not_in: []}}`, or null.</param>
public sealed record TokenTerms(
    string Name, IReadOnlyList<TokenPolicy> Policies, JsonElement? Condition, DateTimeOffset? ExpiresOn, DateTimeOffset? NotBefore, TokenStatus Status = TokenStatus.Active)
{
    private readonly (IPNetwork[] In, IPNetwork[] NotIn) _addresses = (Networks(Condition, "in"), Networks(Condition, "not_in"));

    /// <summary>An address that is not known is in no network.</summary>
    public bool Admits(IPAddress? from)
    {
        var address = from is { IsIPv4MappedToIPv6: true } ? from.MapToIPv4() : from;
        bool In(IPNetwork network) => address is not null && network.Contains(address);
        return (_addresses.In.Length == 0 || _addresses.In.Any(In)) && !_addresses.NotIn.Any(In);
    }

    private static IPNetwork[] Networks(JsonElement? condition, string name) =>
        condition is { ValueKind: JsonValueKind.Object } given
        && given.TryGetProperty("request_ip", out var address) && address.ValueKind == JsonValueKind.Object
        && address.TryGetProperty(name, out var networks) && networks.ValueKind == JsonValueKind.Array
            ? [.. networks.EnumerateArray().Select(network => Network(network.GetString()!)!.Value)]
            : [];

    /// <summary>A network in CIDR notation, or one address.</summary>
    public static IPNetwork? Network(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;
}

/// <summary>An API token. Its value is told once and never kept: only the hash is.</summary>
/// <param name="ValueHash">SHA-256, hexadecimal.</param>
/// <param name="ValueSetOn">When the value was made: at the creation, or at the last roll.</param>
public sealed record TokenState(
    string Id, TokenOwner Owner, TokenTerms Terms, DateTimeOffset IssuedOn, DateTimeOffset ModifiedOn, DateTimeOffset ValueSetOn, string ValueHash)
{
    /// <summary>The token of the options: it may do everything, and nobody can change or list it.</summary>
    public bool IsRoot { get; init; }

    public TokenStatus StatusAt(DateTimeOffset now) => Terms.ExpiresOn <= now ? TokenStatus.Expired : Terms.Status;

    /// <summary>A deny wins over every allow; a permission that implies the asked one counts as long as it is not denied itself.</summary>
    /// <param name="resource">`com.cloudflare.api.account.{id}` or `com.cloudflare.api.user.{id}`.</param>
    public bool Grants(Permission permission, string resource) =>
        IsRoot || (!Says(PolicyEffect.Deny, permission, resource)
            && permission.ImpliedBy.Prepend(permission).Any(one => Says(PolicyEffect.Allow, one, resource) && !Says(PolicyEffect.Deny, one, resource)));

    public override string ToString() => $"token {Terms.Name}";

    private bool Says(PolicyEffect effect, Permission permission, string resource) =>
        Terms.Policies.Any(policy => policy.Effect == effect && policy.Covers(permission, resource));
}
