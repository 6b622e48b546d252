using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Finds a provider by the name that a path, a model or a route gives it: one of the gateway's, or `custom-{slug}` of the account (contract 4.2, 11).</summary>
public static class ProviderResolver
{
    /// <summary>Null for a slug that is unknown, or whose custom provider is disabled: 400/2008.</summary>
    public static GatewayProvider? Find(AccountState account, string slug)
    {
        if (!slug.StartsWith(CustomProviderState.Prefix, StringComparison.Ordinal))
            return GatewayProvider.Find(slug);
        return account.CustomProviders.FindEnabled(slug[CustomProviderState.Prefix.Length..]) is { } custom && Uri.TryCreate(custom.BaseUrl, UriKind.Absolute, out var address)
            ? GatewayProvider.Custom(slug, address) with { Headers = [.. custom.Headers], Generation = custom.Generation }
            : null;
    }
}
