using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Tokens;

/// <summary>Tokens and permission groups on the wire. A token's value is in one answer of its life, so it is no member here.</summary>
public static class TokenJson
{
    /// <summary>What an update would have sent.</summary>
    public static JsonObject Body(TokenTerms terms)
    {
        var json = new JsonObject { ["name"] = terms.Name, ["status"] = terms.Status.ToString().ToLowerInvariant() };
        AddLifetime(json, terms);
        json["policies"] = new JsonArray([.. terms.Policies.Select(Of)]);
        if (terms.Condition is { } condition)
            json["condition"] = JsonObject.Create(condition);
        return json;
    }

    public static JsonObject Of(TokenState token, DateTimeOffset? lastUsed, DateTimeOffset now)
    {
        var terms = token.Terms;
        var json = new JsonObject { ["id"] = token.Id, ["name"] = terms.Name, ["status"] = Status(token, now) };
        AddTime(json, "issued_on", token.IssuedOn);
        AddTime(json, "modified_on", token.ModifiedOn);
        AddTime(json, "last_used_on", lastUsed);
        AddLifetime(json, terms);
        json["policies"] = new JsonArray([.. terms.Policies.Select(Of)]);
        if (terms.Condition is { } condition)
            json["condition"] = JsonObject.Create(condition);
        return json;
    }

    public static JsonObject Verified(TokenState token, DateTimeOffset now)
    {
        var json = new JsonObject { ["id"] = token.Id, ["status"] = Status(token, now) };
        AddLifetime(json, token.Terms);
        return json;
    }

    public static JsonObject Of(Permission permission) => new()
    {
        ["id"] = permission.Id,
        ["name"] = permission.Name,
        ["scopes"] = new JsonArray(permission.Scope),
        ["is_selectable"] = true,
    };

    public static string Status(TokenState token, DateTimeOffset now) => token.StatusAt(now).ToString().ToLowerInvariant();

    private static JsonObject Of(TokenPolicy policy) => new()
    {
        ["id"] = policy.Id,
        ["effect"] = policy.Effect == PolicyEffect.Allow ? "allow" : "deny",
        ["permission_groups"] = new JsonArray([.. policy.Groups.Select(group => new JsonObject { ["id"] = group.Id, ["name"] = group.Name })]),
        ["resources"] = JsonObject.Create(policy.Resources),
    };

    private static void AddLifetime(JsonObject json, TokenTerms terms)
    {
        AddTime(json, "expires_on", terms.ExpiresOn);
        AddTime(json, "not_before", terms.NotBefore);
    }

    private static void AddTime(JsonObject json, string name, DateTimeOffset? time)
    {
        if (time is { } given)
            json[name] = JsonText.Time(given);
    }
}
