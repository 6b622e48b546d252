using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;

namespace GatewayOps.ControlPlane.Telemetry.Tracing;

/// <summary>Whether this service traces, and by what source its spans begin. Off, there is no source, no middleware and no wrapper: nothing on the way of a request.</summary>
public sealed class ServiceTraces(OtelSettings settings)
{
    public const string SourceName = "GatewayOps";

    private const string Pending = "gatewayops.pending";

    /// <summary>Null when nothing is traced.</summary>
    public ActivitySource? Source { get; } = settings.SendsTraces ? new ActivitySource(SourceName, TelemetryMetrics.Version) : null;

    /// <summary>Remembers a span that ends with the request, at the latest.</summary>
    public static void Keep(Activity request, Activity span)
    {
        if (request.GetCustomProperty(Pending) is not List<Activity> kept)
        {
            request.SetCustomProperty(Pending, kept = []);
        }

        kept.Add(span);
    }

    /// <summary>The spans of the request that have not ended, the oldest first; nobody else gets them.</summary>
    public static IReadOnlyList<Activity> Take(Activity request)
    {
        var kept = request.GetCustomProperty(Pending) as List<Activity> ?? [];
        request.SetCustomProperty(Pending, null);
        return [.. kept.Where(span => !span.IsStopped)];
    }

    internal static TracerProvider NewProvider(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<OtelSettings>();
        var exports = provider.GetRequiredService<OtlpExports>();
        var builder = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.ForSdk))
            .SetResourceBuilder(TelemetryFeature.Resource())
            .AddSource(SourceName)
            .AddOtlpExporter(options => Watched(options, exports, "traces"));
        return (settings.HasSampler ? builder : builder.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.Otlp.SampleRatio)))).Build();
    }

    internal static void Watched(OtlpExporterOptions options, OtlpExports exports, string signal)
    {
        var timeout = options.TimeoutMilliseconds;
        options.HttpClientFactory = () => exports.NewClient(signal, timeout);
    }
}
