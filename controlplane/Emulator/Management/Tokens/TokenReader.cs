using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Tokens;

/// <summary>What a caller asks a token to be, read from its body.</summary>
public static class TokenReader
{
    /// <summary>The terms, or the items of the 400 that refuses them.</summary>
    /// <param name="accountId">Of an account-owned token; null for a user's.</param>
    /// <param name="old">What an update replaces: a policy that names its id keeps it, and a status that is not sent stays.</param>
    public static (TokenTerms? Terms, IReadOnlyList<ApiError> Errors) Read(JsonElement? body, Shape shape, string? accountId, TokenTerms? old)
    {
        if (body is not { ValueKind: JsonValueKind.Object } given)
            return (null, [ApiError.Invalid(FieldPath.Body, "Input Validation Error")]);
        var errors = shape.ErrorsOf(given).ToList();
        if (errors.Count > 0)
            return (null, errors);
        TokenPolicy[] policies = [.. given.GetProperty("policies").EnumerateArray().Select((policy, index) => Policy(policy, FieldPath.Body["policies"][index], accountId, errors))];
        if (errors.Count > 0)
            return (null, errors);
        var status = Member(given, "status") is { } sent ? Enum.Parse<TokenStatus>(sent.GetString()!, ignoreCase: true) : old?.Status ?? TokenStatus.Active;
        return (new TokenTerms(given.GetProperty("name").GetString()!, policies, Member(given, "condition"), Time(given, "expires_on"), Time(given, "not_before"), status), []);
    }

    private static TokenPolicy Policy(JsonElement policy, FieldPath path, string? accountId, List<ApiError> errors)
    {
        var groups = new List<Permission>();
        foreach (var (index, group) in policy.GetProperty("permission_groups").EnumerateArray().Index())
        {
            if (Permission.Find(group.GetProperty("id").GetString()!) is { } known)
                groups.Add(known);
            else
                errors.Add(ApiError.Invalid(path["permission_groups"][index]["id"], $"Permission group '{group.GetProperty("id").GetString()}' was not found"));
        }
        var resources = policy.GetProperty("resources");
        // An account-owned token lives inside its account: it holds no right of a user, and none of another account.
        if (accountId is not null && groups.FirstOrDefault(group => group.Scope == Permission.UserScope || resources.EnumerateObject().Any(resource => IsForeign(resource.Name, accountId))) is { } foreign)
            errors.Add(ApiError.Invalid(path["resources"], $"Failed common permission check against resources. (Permission group: \"{foreign.Name}\")"));
        var effect = policy.GetProperty("effect").ValueEquals("deny") ? PolicyEffect.Deny : PolicyEffect.Allow;
        var id = Member(policy, "id") is { ValueKind: JsonValueKind.String } own && own.GetString() is { Length: 32 } kept ? kept : Identifier.NewHex();
        return new TokenPolicy(id, effect, groups, resources.Clone());
    }

    private static bool IsForeign(string resource, string accountId) =>
        resource.StartsWith(Permission.UserScope + '.', StringComparison.Ordinal)
        || (resource.StartsWith(Permission.AccountScope + '.', StringComparison.Ordinal)
            && resource[(Permission.AccountScope.Length + 1)..] is var rest && rest != "*" && rest != accountId && !rest.StartsWith("zone.", StringComparison.Ordinal));

    private static JsonElement? Member(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value : null;

    private static DateTimeOffset? Time(JsonElement body, string name) => Member(body, name) is { } value ? TokenShape.TimeOf(value) : null;
}
