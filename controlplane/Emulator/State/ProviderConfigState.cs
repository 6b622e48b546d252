namespace GatewayOps.Emulator.State;

/// <summary>A stored key of a gateway: which secret is sent to a provider for an alias (contract section 4.1).</summary>
public sealed record ProviderConfigState(
    string Id,
    string ProviderSlug,
    string Alias,
    bool DefaultConfig,
    string SecretId,
    double? RateLimit,
    double? RateLimitPeriod,
    DateTimeOffset ModifiedAt)
{
    /// <summary>Seconds.</summary>
    public const double DefaultRateLimitPeriod = 60;

    /// <summary>The only name that a gateway accepts for the secret.</summary>
    public static string SecretName(string gatewayId, string providerSlug, string alias) => $"{gatewayId}_{providerSlug}_{alias}";
}
