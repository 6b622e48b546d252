using System.Buffers.Text;
using System.Text.Json;
using GatewayOps.Emulator.Cel;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// Who calls, as policies see it (contract 7): `cf.user.id`, `cf.user.email`, `cf.user.groups`, `cf.custom` from the claims of a Cloudflare Access token, and
/// `cf.country`. The emulator reads the token and does not verify it: whoever can reach it may claim to be anybody.
/// </summary>
/// <param name="UserId">The claim `sub`.</param>
public sealed record CallerIdentity(string? UserId, CelValue Cf)
{
    public const string TokenHeader = "cf-access-jwt-assertion";
    public const string CountryHeader = "cf-ipcountry";

    public static readonly CallerIdentity Unknown = new(UserId: null, CelValue.Of(new Dictionary<string, CelValue>()));

    public static CallerIdentity Of(IHeaderDictionary headers)
    {
        var claims = headers.TryGetValue(TokenHeader, out var token) ? Claims(token.ToString()) : null;
        var country = headers.TryGetValue(CountryHeader, out var code) ? code.ToString() : null;
        if (claims is null && country is null)
            return Unknown;
        var cf = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        if (country is { Length: > 0 })
            cf["country"] = CelValue.Of(country);
        if (claims is not { } payload)
            return new CallerIdentity(UserId: null, CelValue.Of(cf));
        cf["user"] = CelValue.Of(Renamed(payload, ("sub", "id"), ("email", "email"), ("groups", "groups")));
        if (payload.TryGetProperty("custom", out var custom))
            cf["custom"] = CelValue.Of(custom);
        var id = payload.TryGetProperty("sub", out var sub) && sub.ValueKind == JsonValueKind.String ? sub.GetString() : null;
        return new CallerIdentity(id, CelValue.Of(cf));
    }

    private static Dictionary<string, CelValue> Renamed(JsonElement claims, params (string Claim, string Name)[] names)
    {
        var members = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (var (claim, name) in names)
            if (claims.TryGetProperty(claim, out var value))
                members[name] = CelValue.Of(value);
        return members;
    }

    /// <summary>The middle part of a JWT; null when that is no JSON object.</summary>
    private static JsonElement? Claims(string token)
    {
        if (token.Split('.') is not [_, var payload, _] || !Base64Url.IsValid(payload))
            return null;
        try
        {
            var claims = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(payload));
            _ = CelValue.Of(claims); // reads every text: one that is no Unicode throws here
            return claims.ValueKind == JsonValueKind.Object ? claims : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
