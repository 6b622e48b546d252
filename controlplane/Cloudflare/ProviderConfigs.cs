using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare;

/// <summary>A provider key stored for a gateway (BYOK); one per slug and alias. `SecretId` refers to the Secrets Store; `RateLimit` requests are let through per `RateLimitPeriod`.</summary>
public sealed record ProviderConfig(string Id, string ProviderSlug, string Alias, bool DefaultConfig, string? SecretId)
{
    public string? GatewayId { get; init; }
    public DateTimeOffset? ModifiedAt { get; init; }
    public decimal? RateLimit { get; init; }
    public TimeSpan? RateLimitPeriod { get; init; }

    internal static ProviderConfig Read(JsonElement element) =>
        new(element.RequiredText("id"), element.RequiredText("provider_slug"), element.Text("alias") ?? "default", element.Flag("default_config") ?? false, element.Text("secret_id"))
        {
            GatewayId = element.Text("gateway_id"),
            ModifiedAt = element.Time("modified_at"),
            RateLimit = element.Decimal("rate_limit"),
            RateLimitPeriod = element.Whole("rate_limit_period") is { } seconds and >= 0 and <= int.MaxValue ? TimeSpan.FromSeconds(seconds) : null,
        };
}

/// <summary>
/// A config to create: `SecretId` refers to a secret that is named `{gateway}_{slug}_{alias}`, has scope `ai_gateway`, and lies in the gateway's `store_id`;
/// or `Secret` is the key itself, which is hidden from ToString.
/// </summary>
public sealed record NewProviderConfig(string ProviderSlug, string Alias, bool DefaultConfig, string? SecretId)
{
    public string? Secret { get; init; }
    public int? RateLimit { get; init; }

    /// <summary>Whole seconds; Cloudflare takes a minute when it is not said.</summary>
    public TimeSpan? RateLimitPeriod { get; init; }

    internal JsonObject ToJson()
    {
        var fields = new JsonObject { ["provider_slug"] = ProviderSlug, ["alias"] = Alias, ["default_config"] = DefaultConfig };
        if (SecretId is not null) fields["secret_id"] = SecretId;
        if (Secret is not null) fields["secret"] = Secret;
        if (RateLimit is { } limit) fields["rate_limit"] = limit;
        if (RateLimitPeriod is { } period) fields["rate_limit_period"] = (long)period.TotalSeconds;
        return fields;
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"ProviderSlug = {ProviderSlug}, Alias = {Alias}, DefaultConfig = {DefaultConfig}, SecretId = {SecretId}");
        if (Secret is not null) text.Append(", Secret = (hidden)");
        return true;
    }
}

/// <summary>`…/gateways/{gateway}/provider_configs`. No read of one, no update: a key is rotated by its secret. Source: Cloudflare contract, section 4.1.</summary>
public sealed class ProviderConfigClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal ProviderConfigClient(Transport transport) => _transport = transport;

    /// <summary>Empty, not an error, when there is no such gateway.</summary>
    public IAsyncEnumerable<ProviderConfig> ListAsync(string gatewayId, CancellationToken cancellationToken) =>
        _transport.ListAsync(_transport.To(Endpoints.ProviderConfigs.List, gatewayId), PerPage, ProviderConfig.Read, cancellationToken);

    /// <summary>NotFound and transient while the secret is pending: it was tried for <see cref="Assumptions.SecretActivation"/> already. A secret that does not exist looks the same.</summary>
    public Task<ProviderConfig> CreateAsync(string gatewayId, NewProviderConfig config, CancellationToken cancellationToken)
    {
        var call = _transport.To(Endpoints.ProviderConfigs.Create, gatewayId).With(config.ToJson()).Hiding(config.Secret) with { Patience = _transport.Options.Assumptions.SecretActivation };
        return _transport.SendAsync(call, ProviderConfig.Read, cancellationToken);
    }

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.ProviderConfigs.Delete, gatewayId, id), cancellationToken);
}
