using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare.Analytics;
using GatewayOps.Cloudflare.Billing;
using GatewayOps.Cloudflare.Evaluations;
using GatewayOps.Cloudflare.Gateways;
using GatewayOps.Cloudflare.Http;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Cloudflare.Observability;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.Cloudflare.Routes;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.Cloudflare.Tokens;
using GatewayOps.Cloudflare.WorkersAi;

namespace GatewayOps.Cloudflare;

/// <summary>
/// Cloudflare's APIs around AI Gateway, by area. Every call of one client shares its limiters; every failure is a <see cref="CloudflareException"/>.
/// `http` should not follow redirects: the API has none.
/// </summary>
public sealed class CloudflareClient
{
    private readonly Transport _transport;

    public CloudflareClient(HttpClient http, CloudflareOptions options, TimeProvider time, IMeterFactory? meters = null)
        : this(new Transport(http, options, time, new CloudflareMetrics(meters)))
    {
    }

    private CloudflareClient(Transport transport)
    {
        _transport = transport;
        Gateways = new GatewayClient(transport);
        Logs = new LogClient(transport);
        ProviderConfigs = new ProviderConfigClient(transport);
        CustomProviders = new CustomProviderClient(transport);
        Routes = new RouteClient(transport);
        Datasets = new DatasetClient(transport);
        Evaluations = new EvaluationClient(transport);
        Policies = new PolicyClient(transport);
        Billing = new BillingClient(transport);
        Secrets = new SecretClient(transport);
        Tokens = new TokenClient(transport);
        Analytics = new AnalyticsClient(transport);
        Observability = new ObservabilityClient(transport);
        WorkersAi = new WorkersAiClient(transport);
    }

    public GatewayClient Gateways { get; }
    public LogClient Logs { get; }
    public ProviderConfigClient ProviderConfigs { get; }
    public CustomProviderClient CustomProviders { get; }
    public RouteClient Routes { get; }
    public DatasetClient Datasets { get; }
    public EvaluationClient Evaluations { get; }
    public PolicyClient Policies { get; }
    public BillingClient Billing { get; }
    public SecretClient Secrets { get; }
    public TokenClient Tokens { get; }
    public AnalyticsClient Analytics { get; }
    public ObservabilityClient Observability { get; }
    public WorkersAiClient WorkersAi { get; }

    /// <summary>The same client, limiters included, whose calls each end within this time, retries and waits included: for calls that a person waits for.</summary>
    public CloudflareClient Within(TimeSpan deadline) => new(_transport.Within(deadline));
}
