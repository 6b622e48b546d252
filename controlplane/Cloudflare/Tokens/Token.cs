using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Tokens;

/// <summary>`Status` is active, disabled or expired.</summary>
public sealed record TokenStatus(string Id, string Status)
{
    public DateTimeOffset? ExpiresOn { get; init; }
    public DateTimeOffset? NotBefore { get; init; }

    internal static TokenStatus Read(JsonElement element) =>
        new(element.RequiredText("id"), element.RequiredText("status")) { ExpiresOn = element.Time("expires_on"), NotBefore = element.Time("not_before") };
}

/// <summary>An API token without its value. `Fields` is the whole object as received, for a read-modify-write.</summary>
public sealed record Token(string Id, string Name, string Status, JsonObject Fields)
{
    public IReadOnlyList<TokenPolicy> Policies { get; init; } = [];
    public DateTimeOffset? ExpiresOn { get; init; }
    public DateTimeOffset? NotBefore { get; init; }
    public DateTimeOffset? IssuedOn { get; init; }
    public DateTimeOffset? ModifiedOn { get; init; }
    public DateTimeOffset? LastUsedOn { get; init; }

    internal static Token Read(JsonElement element)
    {
        var fields = element.Fields();
        fields.Remove("value");
        return new(element.RequiredText("id"), element.Text("name") ?? "", element.Text("status") ?? "active", fields)
        {
            Policies = [.. element.Items("policies").Select(TokenPolicy.Read)],
            ExpiresOn = element.Time("expires_on"),
            NotBefore = element.Time("not_before"),
            IssuedOn = element.Time("issued_on"),
            ModifiedOn = element.Time("modified_on"),
            LastUsedOn = element.Time("last_used_on"),
        };
    }
}

/// <summary>A new token with its value, which Cloudflare gives this once. The value is hidden from ToString.</summary>
public sealed record CreatedToken(Token Token, string Value)
{
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Token = {Token}, Value = (hidden)");
        return true;
    }
}

/// <summary>One grant or denial: the permission groups, by id, on the resources, as `com.cloudflare.api.account.{account}` and `*`.</summary>
public sealed record TokenPolicy(IReadOnlyList<string> PermissionGroups, IReadOnlyDictionary<string, string> Resources, bool Allow = true)
{
    /// <summary>Allowed on everything of one account.</summary>
    public static TokenPolicy OnAccount(string accountId, params IEnumerable<PermissionGroup> groups) =>
        new([.. groups.Select(group => group.Id)], new Dictionary<string, string> { [$"com.cloudflare.api.account.{accountId}"] = "*" });

    internal JsonObject ToJson() => new()
    {
        ["effect"] = Allow ? "allow" : "deny",
        ["permission_groups"] = new JsonArray([.. PermissionGroups.Select(id => new JsonObject { ["id"] = id })]),
        ["resources"] = new JsonObject(Resources.Select(resource => KeyValuePair.Create(resource.Key, (JsonNode?)resource.Value))),
    };

    // A resource may also be an object of resources below it: its JSON then.
    internal static TokenPolicy Read(JsonElement element) => new(
        [.. element.Items("permission_groups").Select(group => group.Text("id")).OfType<string>()],
        element.Member("resources") is { ValueKind: JsonValueKind.Object } resources ? resources.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString()) : new(),
        element.Text("effect") != "deny");
}

/// <summary>A permission that a token may have, as `AI Gateway Run`. `Scopes` are the resources that it applies to.</summary>
public sealed record PermissionGroup(string Id, string Name, IReadOnlyList<string> Scopes, string? Category)
{
    internal static PermissionGroup Read(JsonElement element) => new(element.RequiredText("id"), element.RequiredText("name"), element.Texts("scopes"), element.Text("category"));
}
