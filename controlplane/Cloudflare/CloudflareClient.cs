using System.Diagnostics.Metrics;

namespace GatewayOps.Cloudflare;

/// <summary>
/// Cloudflare's management API as far as GatewayOps uses it. Every call of one client shares one limiter; every failure is a <see cref="CloudflareException"/>.
/// `http` should not follow redirects: the API has none.
/// </summary>
public sealed class CloudflareClient
{
    public CloudflareClient(HttpClient http, CloudflareOptions options, TimeProvider time, IMeterFactory? meters = null)
    {
        var transport = new Transport(http, options, time, new CloudflareMetrics(meters));
        Gateways = new GatewayClient(transport);
        Logs = new LogClient(transport);
        Secrets = new SecretClient(transport);
        ProviderConfigs = new ProviderConfigClient(transport);
        Tokens = new TokenClient(transport);
    }

    public GatewayClient Gateways { get; }
    public LogClient Logs { get; }
    public SecretClient Secrets { get; }
    public ProviderConfigClient ProviderConfigs { get; }
    public TokenClient Tokens { get; }
}
