using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Secrets;

/// <summary>The account's Secrets Store; there is one at most.</summary>
public sealed record SecretStore(string Id, string Name)
{
    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? Modified { get; init; }

    internal static SecretStore Read(JsonElement element) =>
        new(element.RequiredText("id"), element.Text("name") ?? "") { Created = element.Time("created"), Modified = element.Time("modified") };
}

/// <summary>A secret without its value, which Cloudflare never gives back. `Status` is pending, active or deleted.</summary>
public sealed record Secret(string Id, string Name, string Status, string StoreId, string? Comment, IReadOnlyList<string> Scopes)
{
    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? Modified { get; init; }

    internal static Secret Read(JsonElement element, string storeId) =>
        new(element.RequiredText("id"), element.RequiredText("name"), element.Text("status") ?? "active", element.Text("store_id") ?? storeId, element.Text("comment"), element.Texts("scopes"))
        {
            Created = element.Time("created"),
            Modified = element.Time("modified"),
        };
}

/// <summary>A secret to create. `Value` is hidden from ToString. Scopes are sent in alphabetical order.</summary>
public sealed record NewSecret(string Name, string Value, IReadOnlyList<string> Scopes, string? Comment = null)
{
    internal JsonObject ToJson()
    {
        var fields = new JsonObject { ["name"] = Name, ["value"] = Value, ["scopes"] = SecretScopes.Sorted(Scopes) };
        if (Comment is not null) fields["comment"] = Comment;
        return fields;
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Name = {Name}, Value = (hidden), Scopes = {string.Join(',', Scopes)}, Comment = {Comment}");
        return true;
    }
}

/// <summary>What to change about a secret; null stays as it is. `Value` is hidden from ToString.</summary>
public sealed record SecretChange
{
    public string? Value { get; init; }
    public IReadOnlyList<string>? Scopes { get; init; }
    public string? Comment { get; init; }

    internal JsonObject ToJson()
    {
        var fields = new JsonObject();
        if (Value is not null) fields["value"] = Value;
        if (Scopes is not null) fields["scopes"] = SecretScopes.Sorted(Scopes);
        if (Comment is not null) fields["comment"] = Comment;
        return fields;
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Value = {(Value is null ? "" : "(hidden)")}, Scopes = {string.Join(',', Scopes ?? [])}, Comment = {Comment}");
        return true;
    }
}

/// <summary>How many secrets the account may have, and has.</summary>
public sealed record SecretQuota(long Quota, long Usage);

internal static class SecretScopes
{
    // Another order would show as a difference in Pulumi and Terraform (contract, section 9).
    public static JsonArray Sorted(IReadOnlyList<string> scopes) => new([.. scopes.Order(StringComparer.Ordinal).Select(scope => (JsonNode)scope)]);
}
