using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Telemetry.Tracing;

/// <summary>
/// OpenTelemetry's own variables (`OTEL_*`), from wherever settings come, for the SDK: it reads them from here instead of the process, so that .env files count and tests are alone. Our settings
/// go before them.
/// </summary>
public sealed class OtelSettings
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly Dictionary<string, string?> _all;

    public OtelSettings(IConfiguration configuration, IOptions<OtlpOptions> options)
    {
        Otlp = options.Value;
        _all = configuration.AsEnumerable().Where(setting => setting.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)).ToDictionary(setting => setting.Key.ToUpperInvariant(), setting => setting.Value);
        _all[Endpoint] = Otlp.Endpoint;
        _all["OTEL_EXPORTER_OTLP_HEADERS"] = Otlp.Headers;
        _all["OTEL_EXPORTER_OTLP_PROTOCOL"] = Otlp.Protocol is not OtlpOptions.Auto ? Otlp.Protocol : PortOf("TRACES") == 4317 ? OtlpOptions.Grpc : OtlpOptions.HttpProtobuf;
        ForSdk = new ConfigurationBuilder().AddInMemoryCollection(_all.Where(setting => !string.IsNullOrEmpty(setting.Value))).Build();
    }

    public OtlpOptions Otlp { get; }

    public IConfiguration ForSdk { get; }

    public bool SendsTraces => Otlp.Traces && Sends("TRACES");

    public bool SendsMetrics => Otlp.Metrics && Sends("METRICS");

    /// <summary>Whether somebody has chosen a sampler by OpenTelemetry's own variable.</summary>
    public bool HasSampler => Of("OTEL_TRACES_SAMPLER") is not null;

    // A signal may have an endpoint of its own, and `none` for its exporter.
    private bool Sends(string signal) =>
        (EndpointOf(signal) is not null) && Of($"OTEL_{signal}_EXPORTER") is not "none" && !string.Equals(Of("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private string? EndpointOf(string signal) => Of($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") ?? Of(Endpoint);

    private int? PortOf(string signal) => Uri.TryCreate(EndpointOf(signal) ?? EndpointOf("METRICS"), UriKind.Absolute, out var address) ? address.Port : null;

    private string? Of(string name) => _all.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
