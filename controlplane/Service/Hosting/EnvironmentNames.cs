using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// The well-known environment names and the setting that each one gives. One setting, one order: command line, Vault, environment
/// (`GatewayOps__Section__Key` before the names below, an earlier row before a later one), .env file, appsettings, key files.
/// An empty value counts as not set.
/// </summary>
public static class EnvironmentNames
{
    public static IReadOnlyList<(string Name, string Setting)> Table { get; } =
    [
        (CloudflareOptions.AccountIdVariable, "GatewayOps:Cloudflare:AccountId"),
        (CloudflareOptions.ApiTokenVariable, "GatewayOps:Cloudflare:ApiToken"),
        ("CLOUDFLARE_AUTH_TOKEN", "GatewayOps:Cloudflare:ApiToken"),
        ("CLOUDFLARE_GATEWAY_ID", "GatewayOps:Cloudflare:GatewayId"),
        ("CLOUDFLARE_GATEWAY_TOKEN", "GatewayOps:Cloudflare:GatewayToken"),
        (CloudflareOptions.BaseUrlVariable, "GatewayOps:Cloudflare:BaseUrl"),
        ("CLOUDFLARE_GATEWAY_BASE_URL", "GatewayOps:Cloudflare:GatewayBaseUrl"),
        ("CLOUDFLARE_MODEL", "GatewayOps:Proxy:DefaultModel"),
        ("AUTH_TOKEN", "GatewayOps:Proxy:AuthToken"),
        .. UpstreamProviders.All.Where(provider => provider.KeyVariable is not null).Select(provider => (provider.KeyVariable!, $"{ProviderOptions.SectionOf(provider.Slug)}:ApiKey")),
        ("GATEWAYOPS_OPERATOR_TOKEN", "GatewayOps:Operator:Token"),
        ("GATEWAYOPS_PARENT_PID", "GatewayOps:ParentPid"),
        ("GATEWAYOPS_FAULT_POINT", "GatewayOps:FaultPoint"),
        ("ASPNETCORE_URLS", "urls"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "GatewayOps:Telemetry:Otlp:Endpoint"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "GatewayOps:Telemetry:Otlp:Headers"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "GatewayOps:Telemetry:Otlp:Protocol"),
        ("OTEL_TRACES_SAMPLER_ARG", "GatewayOps:Telemetry:Otlp:SampleRatio"),
    ];

    // Everything else in the environment is none of our business: a stray variable must not become a setting.
    private static readonly string[] Prefixes = ["GatewayOps__", "ConnectionStrings__", "Logging__", "OTEL_"];

    /// <summary>The settings that <paramref name="variables"/> give, by configuration key.</summary>
    public static IReadOnlyDictionary<string, string?> Settings(IEnumerable<KeyValuePair<string, string>> variables)
    {
        // Names may differ by case alone (HTTP_PROXY and http_proxy usually come as a pair): capitals count first.
        var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in variables.Where(variable => variable.Value.Length > 0).OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            given.TryAdd(name, value);
        }

        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in given)
        {
            if (Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                settings[name.Replace("__", ":")] = value;
            }
        }

        foreach (var (name, setting) in Table)
        {
            if (given.TryGetValue(name, out var value))
            {
                settings.TryAdd(setting, value);
            }
        }

        return settings;
    }
}
