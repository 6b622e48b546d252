using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare;

/// <summary>A provider key stored for a gateway (BYOK); one per slug and alias. `SecretId` refers to the Secrets Store.</summary>
public sealed record ProviderConfig(string Id, string ProviderSlug, string Alias, bool DefaultConfig, string? SecretId);

/// <summary>The secret must be named `{gateway}_{slug}_{alias}`, have scope `ai_gateway`, and lie in the gateway's `store_id`.</summary>
public sealed record NewProviderConfig(string ProviderSlug, string Alias, bool DefaultConfig, string SecretId);

/// <summary>`…/gateways/{gateway}/provider_configs`. No read of one, no update. Source: Cloudflare contract, section 4.1.</summary>
public sealed class ProviderConfigClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal ProviderConfigClient(Transport transport) => _transport = transport;

    /// <summary>Empty, not an error, when there is no such gateway.</summary>
    public IAsyncEnumerable<ProviderConfig> ListAsync(string gatewayId, CancellationToken cancellationToken) =>
        _transport.ListAsync(Endpoint.ListProviderConfigs, _transport.PathOf(Endpoint.ListProviderConfigs, gatewayId), "", PerPage, Read, cancellationToken);

    /// <summary>NotFound and transient while the secret is still pending: it was tried again a few times already.</summary>
    public Task<ProviderConfig> CreateAsync(string gatewayId, NewProviderConfig config, CancellationToken cancellationToken)
    {
        var fields = new JsonObject
        {
            ["provider_slug"] = config.ProviderSlug,
            ["alias"] = config.Alias,
            ["default_config"] = config.DefaultConfig,
            ["secret_id"] = config.SecretId,
        };
        return _transport.SendAsync(new(Endpoint.CreateProviderConfig, _transport.PathOf(Endpoint.CreateProviderConfig, gatewayId), JsonText.Write(fields)), Read, cancellationToken);
    }

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(new(Endpoint.DeleteProviderConfig, _transport.PathOf(Endpoint.DeleteProviderConfig, gatewayId, id)), cancellationToken);

    private static ProviderConfig Read(JsonElement element) => new(
        element.RequiredText("id"), element.RequiredText("provider_slug"), element.Text("alias") ?? "default", element.Flag("default_config") ?? false, element.Text("secret_id"));
}
