namespace GatewayOps.Emulator.Upstreams;

/// <summary>How a provider's key sits in a header: `Authorization: Bearer key`, every other header holds the key alone.</summary>
public static class ProviderKey
{
    /// <summary>What Cloudflare sends when the request is on Unified Billing: a key of its own.</summary>
    public const string UnifiedBilling = "cloudflare-unified-billing";

    private const string Scheme = "Bearer ";

    /// <summary>The token of a bearer value (RFC 6750 2.1; the scheme's case does not matter); null when it is none.</summary>
    public static string? FromBearer(string? value)
    {
        if (value is null || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var token = value[Scheme.Length..].Trim();
        return token.Length == 0 ? null : token;
    }

    /// <summary>Header name and value that carry <paramref name="key"/> to <paramref name="provider"/>.</summary>
    public static KeyValuePair<string, string> Header(GatewayProvider provider, string key) =>
        provider.AuthHeaders[0] is var name && name == "authorization" ? new(name, Scheme + key) : new(name, key);
}
