namespace GatewayOps.Emulator.Upstreams;

/// <summary>How a provider's key sits in a header: `Authorization: Bearer key`, every other header holds the key alone.</summary>
public static class ProviderKey
{
    /// <summary>What Cloudflare sends when the request is on Unified Billing: a key of its own.</summary>
    public const string UnifiedBilling = "cloudflare-unified-billing";

    /// <summary>The token of a bearer value (RFC 6750 2.1; the scheme's case does not matter); null when it is none.</summary>
    public static string? FromBearer(string? value) => FromScheme("Bearer", value);

    /// <summary>The key in the provider's `Authorization`: a bearer token, a key after the provider's own scheme, or a whole AWS signature.</summary>
    public static string? FromAuthorization(GatewayProvider provider, string value) =>
        FromBearer(value) ?? FromScheme(provider.Scheme, value)
        ?? (provider.Slug == GatewayProvider.AwsBedrock && value.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal) ? value : null);

    /// <summary>Header name and value that carry <paramref name="key"/> to <paramref name="provider"/>.</summary>
    public static KeyValuePair<string, string> Header(GatewayProvider provider, string key) =>
        provider.AuthHeaders[0] is var name && name == "authorization" ? new(name, $"{provider.Scheme} {key}") : new(name, key);

    private static string? FromScheme(string scheme, string? value)
    {
        if (value is null || value.Length <= scheme.Length || value[scheme.Length] != ' ' || !value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var token = value[(scheme.Length + 1)..].Trim();
        return token.Length == 0 ? null : token;
    }
}
