using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// Whose key the provider gets (contract 4.1): the request's own, untouched; else a stored key; else Unified Billing, unless the gateway or the
/// request forbids it. Workers AI is the account's own: there the caller's Cloudflare token is the credential.
/// </summary>
/// <param name="Header">To be added to the upstream request; null when the request brings its key, or when there is none at all.</param>
public sealed record Credential(KeyValuePair<string, string>? Header, bool Stored = false, bool Wholesale = false)
{
    private static readonly Credential OfTheRequest = new(Header: null);

    public static (Credential? Credential, GatewayError? Error) Choose(ProviderCall call)
    {
        var (caller, provider, directives) = (call.Caller, call.Target.Provider, call.Directives);
        if (BringsKey(provider, call.Headers))
            return (OfTheRequest, null);

        // An alias other than the default is honoured on provider-native addresses only.
        var alias = call.Arrival.Surface == CallSurface.Native ? directives.ByokAlias : null;
        if (StoredKey(caller, provider, alias) is { } stored)
            return (new Credential(ProviderKey.Header(provider, stored), Stored: true), null);
        if (alias is not null)
            return (null, GatewayError.NoStoredKey(provider.Slug, alias, Aliases(caller.Gateway, provider)));

        if (provider.Slug == GatewayProvider.WorkersAi)
            return (new Credential(caller.Token is { } token ? ProviderKey.Header(provider, token) : null), null);
        if (caller.Gateway.Settings.ByokOnly || directives.NoWholesale == true)
            return (null, GatewayError.NoCredentials);
        // Unified Billing needs to know whom to bill. An anonymous request goes on without a key and gets the provider's own 401.
        return caller.Token is null
            ? (OfTheRequest, null)
            : (new Credential(ProviderKey.Header(provider, ProviderKey.UnifiedBilling), Wholesale: true), null);
    }

    private static bool BringsKey(GatewayProvider provider, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
            if (value.Length > 0 && provider.AuthHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static string? StoredKey(Caller caller, GatewayProvider provider, string? alias)
    {
        var configs = caller.Gateway.ProviderConfigs.Where(config => config.ProviderSlug == provider.Slug).ToArray();
        var config = Array.Find(configs, config => config.Alias == (alias ?? "default"))
            ?? (alias is null ? Array.Find(configs, config => config.DefaultConfig) : null);
        var value = config is null ? null : caller.Account.FindStoredKey(caller.Gateway, config)?.Value;
        // A control character would end the header line and begin another.
        return value is { Length: > 0 } && !value.Any(char.IsControl) ? value : null;
    }

    private static IEnumerable<string> Aliases(GatewayState gateway, GatewayProvider provider) =>
        gateway.ProviderConfigs.Where(config => config.ProviderSlug == provider.Slug).Select(config => config.Alias).Order(StringComparer.Ordinal);
}
