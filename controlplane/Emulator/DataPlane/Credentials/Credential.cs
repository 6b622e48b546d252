using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Credentials;

/// <summary>
/// Whose key the provider gets (contract 4.1): the request's own, untouched; else a stored key; else Unified Billing, unless the gateway or the
/// request forbids it. Workers AI is the account's own: there the caller's Cloudflare token is the credential, and
/// the gateway's `workers_ai_billing_mode` says whether Unified Billing pays.
/// </summary>
/// <param name="Key">The stored key, or the one that Cloudflare sends; null when the request brings its own, or there is none.</param>
/// <param name="Config">The stored key's configuration; null for every other.</param>
public sealed record Credential(string? Key, ProviderConfigState? Config = null, bool Wholesale = false)
{
    public static readonly Credential OfTheRequest = new(Key: null);

    public bool Stored => Config is not null;

    public static (Credential? Credential, GatewayError? Error) Choose(ProviderCall call, Assumptions assumptions)
    {
        var (caller, provider, directives) = (call.Caller, call.Provider, call.Directives);
        if (BringsKey(provider, call.Headers))
            return (OfTheRequest, null);

        // An alias other than the default is honoured on provider-native addresses only.
        var alias = call.Arrival.Surface == CallSurface.Native ? directives.ByokAlias : null;
        if (StoredKey(caller, provider, alias) is { } stored)
            return (stored, null);
        if (alias is not null)
            return (null, GatewayError.NoStoredKey(provider.Slug, alias, Aliases(caller.Gateway, provider)));

        if (provider.Slug == GatewayProvider.WorkersAi)
            return (caller.Token is { } token ? new Credential(token, Wholesale: caller.Gateway.Settings.WorkersAiUnified) : OfTheRequest, null);
        if (call.Route is not null && !assumptions.RoutesUseUnifiedBilling)
            return (null, GatewayError.NoCredentials);
        if (caller.Gateway.Settings.ByokOnly || directives.NoWholesale == true)
            return (null, GatewayError.NoCredentials);
        // Unified Billing needs to know whom to bill, and there is none for a provider of the account's own. The request goes on without a key and gets the
        // provider's own 401.
        return caller.Token is null || provider.IsCustom ? (OfTheRequest, null) : (new Credential(ProviderKey.UnifiedBilling, Wholesale: true), null);
    }

    /// <summary>What the provider gets: the call's headers, and the key in the provider's way.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers(ProviderCall call, DateTimeOffset now)
    {
        var provider = call.Provider;
        if (Key is null)
            return provider.Slug == GatewayProvider.GoogleVertexAi ? WithAccessToken(call.Headers) : call.Headers;
        if (provider.Slug == GatewayProvider.AwsBedrock && AwsKey.Read(Key) is { } aws)
            return Signed(call, aws, now);
        if (provider.Slug == GatewayProvider.GoogleVertexAi && ServiceAccount.Read(Key) is { } account)
            return [.. call.Headers, ProviderKey.Header(provider, account.AccessToken)];
        return [.. call.Headers, ProviderKey.Header(provider, Key)];
    }

    private static KeyValuePair<string, string>[] Signed(ProviderCall call, AwsKey key, DateTimeOffset now)
    {
        var address = new Uri(call.Provider.Url(call.Target.Path) + call.Target.Query);
        // The region of the address is the one that checks the signature.
        if (call.Target.Path.Split('/', 3) is [_, { Length: > 0 } region, _])
            key = key with { Region = region };
        var signed = call.Headers.Where(header => header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Select(header => KeyValuePair.Create("content-type", header.Value));
        return [.. call.Headers, .. AwsSignature.Sign(key, "bedrock", call.Method, address, signed, call.Body.Bytes.Span, now)];
    }

    private static IReadOnlyList<KeyValuePair<string, string>> WithAccessToken(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        for (var index = 0; index < headers.Count; index++)
        {
            var (name, value) = headers[index];
            if (name.Equals("authorization", StringComparison.OrdinalIgnoreCase) && ServiceAccount.ReadBase64(ProviderKey.FromBearer(value)) is { } account)
                return [.. headers.Take(index), new(name, "Bearer " + account.AccessToken), .. headers.Skip(index + 1)];
        }
        return headers;
    }

    private static bool BringsKey(GatewayProvider provider, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
        {
            if (value.Length == 0)
                continue;
            foreach (var header in provider.AuthHeaders)
                if (header.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
        }
        return false;
    }

    private static Credential? StoredKey(Caller caller, GatewayProvider provider, string? alias)
    {
        if (!caller.Gateway.HasProviderConfigs)
            return null;
        var configs = caller.Gateway.ProviderConfigs.Where(config => config.ProviderSlug == provider.Slug).ToArray();
        var config = Array.Find(configs, config => config.Alias == (alias ?? "default"))
            ?? (alias is null ? Array.Find(configs, config => config.DefaultConfig) : null);
        var value = config is null ? null : caller.Account.FindStoredKey(caller.Gateway, config)?.Value;
        if (value is not { Length: > 0 })
            return null;
        // A control character would end the header line and begin another; in a structured key it is the file's layout.
        return value.Any(char.IsControl) && AwsKey.Read(value.Trim()) is null && ServiceAccount.Read(value.Trim()) is null ? null : new Credential(value.Trim(), config);
    }

    private static IEnumerable<string> Aliases(GatewayState gateway, GatewayProvider provider) =>
        gateway.ProviderConfigs.Where(config => config.ProviderSlug == provider.Slug).Select(config => config.Alias).Order(StringComparer.Ordinal);
}
