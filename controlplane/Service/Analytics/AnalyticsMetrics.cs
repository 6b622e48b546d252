using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>
/// Cloudflare's analytics as counters: of minutes that are final, each counted once, by the replica that settled it; so a sum over replicas is whole. They never go down while a replica runs. A
/// restart begins at zero, as every counter's does, and counts what settles from then on; a minute that settled while the process died before it counted is in the tables and not here.
/// </summary>
public sealed class AnalyticsMetrics
{
    public const string MeterName = "GatewayOps.Analytics";
    public const string Feed = "analytics";

    private static readonly string[] StatusClasses = ["1xx", "2xx", "3xx", "4xx", "5xx"];
    private const string NoStatus = "none";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly Histogram<double> _duration;
    private readonly BoundedLabel _gateways;
    private readonly BoundedLabel _providers;
    private readonly BoundedLabel _models;
    private readonly IngestionMetrics _ingestion;

    public AnalyticsMetrics(IMeterFactory meters, TelemetryMetrics telemetry, IngestionMetrics ingestion)
    {
        _ingestion = ingestion;
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("gatewayops_gateway_requests", description: "Requests of gateways by Cloudflare's analytics, of minutes that are final.");
        _tokens = meter.CreateCounter<long>("gatewayops_gateway_tokens", description: "Tokens by Cloudflare's analytics, of minutes that are final.");
        _cost = meter.CreateCounter<double>("gatewayops_gateway_cost_usd", description: "Cost in US dollars by Cloudflare's analytics, of minutes that are final.");
        _duration = meter.CreateHistogram(
            "gatewayops_gateway_request_duration", "s", "Durations of requests, estimated of the median, the 90th and the 99th percentile of each final minute.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = MetricCatalogue.Durations });
        _gateways = new BoundedLabel("gatewayops_gateway_requests", "gateway", telemetry);
        _providers = new BoundedLabel("gatewayops_gateway_requests", "provider", telemetry);
        _models = new BoundedLabel("gatewayops_gateway_requests", "model", telemetry);
        StartAtZero();
    }

    /// <summary>Rows of a poll, and how many of them were there before.</summary>
    public void Read(int rows, int replaced) => _ingestion.Read(Feed, new Stored(Math.Max(0, rows - replaced), 0, Math.Min(rows, replaced), 0, 0));

    /// <summary>Minutes that Cloudflare no longer has were not read.</summary>
    public void Lost() => _ingestion.Gap(Feed);

    /// <summary>The account's analytics were read up to now.</summary>
    public void Polled(string gateway, DateTimeOffset at) => _ingestion.Polled(gateway, Feed, at);

    /// <summary>A row of a minute that is final from now on.</summary>
    public void Settled(AnalyticsBucketRow row)
    {
        var status = row.StatusCode is >= 100 and < 600 ? StatusClasses[(row.StatusCode / 100) - 1] : NoStatus;
        // A name that no provider answered to is no model: callers could fill the label with noise.
        var model = new KeyValuePair<string, object?>("model", status == "2xx" ? _models.Of(row.Model) : _models.Known(row.Model));
        var gateway = new KeyValuePair<string, object?>("gateway", _gateways.Of(row.Gateway));
        var provider = new KeyValuePair<string, object?>("provider", _providers.Of(row.Provider));
        _requests.Add(row.Requests, [gateway, provider, model, new("status_class", status), new("cached", row.Cached ? "true" : "false")]);
        _tokens.Add(row.TokensIn, [gateway, provider, model, new("direction", "input")]);
        _tokens.Add(row.TokensOut, [gateway, provider, model, new("direction", "output")]);
        _cost.Add((double)row.CostUsd, gateway, provider, model);
        foreach (var milliseconds in QuantileSamples.Of(row.Requests, row.MedianMs, row.P90Ms, row.P99Ms))
        {
            _duration.Record(milliseconds / 1000, gateway, provider, model);
        }
    }

    // Which gateways, providers and models there are is told by the first poll; until then `_other` has nothing.
    private void StartAtZero()
    {
        KeyValuePair<string, object?>[] names = [new("gateway", BoundedLabel.Other), new("provider", BoundedLabel.Other), new("model", BoundedLabel.Other)];
        foreach (var status in StatusClasses[1..])
        {
            _requests.Add(0, [.. names, new("status_class", status), new("cached", "false")]);
        }

        _tokens.Add(0, [.. names, new("direction", "input")]);
        _tokens.Add(0, [.. names, new("direction", "output")]);
        _cost.Add(0, names);
        Read(0, 0);
    }
}
