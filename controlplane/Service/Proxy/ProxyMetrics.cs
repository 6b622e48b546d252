using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Proxy.GenAi;
using GatewayOps.ControlPlane.Proxy.Tracing;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Telemetry.Tracing;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What the proxy tells of its requests. Labels are bounded: providers, models and gateways may come from outside and are capped.</summary>
public sealed class ProxyMetrics
{
    public const string MeterName = "GatewayOps.Proxy";

    private static readonly double[] Overheads = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _overhead;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly UpDownCounter<long> _active;
    private readonly UpDownCounter<long> _queueDepth;
    private readonly Counter<long> _streamsEnded;
    private readonly BoundedLabel _models;
    private readonly BoundedLabel _gateways;
    private readonly BoundedLabel _providers;
    private readonly GenAiMetrics? _genAi;
    private readonly bool _isTraced;

    public ProxyMetrics(IMeterFactory meters, TelemetryMetrics telemetry, PriceTable prices, IOptions<CloudflareAccountOptions> account, GenAiMetrics? genAi = null, ServiceTraces? traces = null)
    {
        _isTraced = traces is { Source: not null };
        _genAi = genAi is { IsOn: true } ? genAi : null;
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("gatewayops_proxy_requests", description: "Requests answered, by outcome and cache.");
        _duration = Histogram(meter, "gatewayops_proxy_duration", "From the request's arrival to the last byte of its answer.", MetricCatalogue.Durations);
        _firstToken = Histogram(meter, "gatewayops_proxy_time_to_first_token", "From the request's arrival to the first byte of its answer's body.", MetricCatalogue.Durations);
        _overhead = Histogram(meter, "gatewayops_proxy_overhead", "What the proxy itself adds before the first byte.", Overheads);
        _tokens = meter.CreateCounter<long>("gatewayops_proxy_tokens", description: "Tokens used, by direction: as reported, estimated for streams that ended before their report.");
        _cost = meter.CreateCounter<double>("gatewayops_proxy_cost_usd", description: "Estimated cost in US dollars; answers from the cache cost nothing.");
        _active = meter.CreateUpDownCounter<long>("gatewayops_proxy_active_requests", description: "Requests being answered.");
        _queueDepth = meter.CreateUpDownCounter<long>("gatewayops_proxy_queue_depth", description: "Requests that wait in the queues of rules.");
        _streamsEnded = meter.CreateCounter<long>("gatewayops_proxy_streams_ended", description: "Streams by how they ended.");
        _models = new BoundedLabel("gatewayops_proxy_requests", "model", telemetry, prices.Models.Select(price => price.Model));
        _gateways = new BoundedLabel("gatewayops_proxy_requests", "gateway", telemetry, account.Value.GatewayId);
        _providers = new BoundedLabel("gatewayops_proxy_requests", "provider", telemetry, ProxyExchange.None, "openai");
        StartAtZero(account.Value.GatewayId);
    }

    public void Started(bool stream) => _active.Add(1, new KeyValuePair<string, object?>("stream", stream ? "true" : "false"));

    /// <summary>Everything that a finished request counts in.</summary>
    public void Finished(UsageRecord record, TimeSpan? overhead)
    {
        var stream = new KeyValuePair<string, object?>("stream", record.Stream ? "true" : "false");
        // A gateway is there when it answered, or when somebody has written rules for it.
        var isThere = record.Outcome is Outcomes.Ok or Outcomes.Truncated || record.Revision != ProxyExchange.None;
        var gateway = new KeyValuePair<string, object?>("gateway", isThere ? _gateways.Of(record.Gateway) : _gateways.Known(record.Gateway));
        var slug = _providers.Of(record.Provider);
        var provider = new KeyValuePair<string, object?>("provider", slug);
        // A name that no provider answered to is no model: callers could fill the label with noise.
        var name = record.Outcome is Outcomes.Ok or Outcomes.Truncated ? _models.Of(record.Model) : BoundedLabel.Other;
        var model = new KeyValuePair<string, object?>("model", name);
        _active.Add(-1, stream);
        _requests.Add(1, [gateway, provider, model, new("outcome", record.Outcome), new("cache", record.Cache)]);
        _duration.Record(record.Duration.TotalSeconds, provider, model, stream);
        if (record.FirstByte is { } first)
        {
            _firstToken.Record(first.TotalSeconds, [provider, model, stream, new("cold", record.IsCold ? "true" : "false")]);
        }

        if (overhead is { } own)
        {
            _overhead.Record(own.TotalSeconds, gateway);
        }

        if (record.Tokens is { } tokens && record.Cache != "hit")
        {
            _tokens.Add(tokens.Input, provider, model, new("direction", "input"));
            _tokens.Add(tokens.Output, provider, model, new("direction", "output"));
        }

        if (record.CostUsd is { } cost)
        {
            _cost.Add((double)cost, gateway, provider, model);
        }

        _genAi?.Finished(record, slug, name);
        if (_isTraced)
        {
            ProxyTraces.Finished(record);
        }
    }

    /// <summary>A request begins (1) or ends (-1) to wait.</summary>
    public void Queued(int change) => _queueDepth.Add(change);

    public void StreamEnded(StreamEndReason reason) => _streamsEnded.Add(1, Reason(reason));

    private void StartAtZero(string gateway)
    {
        foreach (var outcome in Outcomes.All)
        {
            _requests.Add(0, [new("gateway", gateway), new("provider", "openai"), new("model", BoundedLabel.Other), new("outcome", outcome), new("cache", "bypass")]);
        }

        foreach (var reason in Enum.GetValues<StreamEndReason>())
        {
            _streamsEnded.Add(0, Reason(reason));
        }

        foreach (var direction in new[] { "input", "output" })
        {
            _tokens.Add(0, new("provider", "openai"), new("model", BoundedLabel.Other), new("direction", direction));
        }

        _cost.Add(0, new("gateway", gateway), new("provider", "openai"), new("model", BoundedLabel.Other));
        _queueDepth.Add(0);
        _active.Add(0, new KeyValuePair<string, object?>("stream", "true"));
        _active.Add(0, new KeyValuePair<string, object?>("stream", "false"));
    }

    private static KeyValuePair<string, object?> Reason(StreamEndReason reason) => new("reason", reason switch
    {
        StreamEndReason.Completed => "completed",
        StreamEndReason.Truncated => "truncated",
        StreamEndReason.UpstreamError => "upstream_error",
        StreamEndReason.Oversized => "oversized",
        _ => "cancelled",
    });

    private static Histogram<double> Histogram(Meter meter, string name, string description, IReadOnlyList<double> bounds) => meter.CreateHistogram(
        name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
