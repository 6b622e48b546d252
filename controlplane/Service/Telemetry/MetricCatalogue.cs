using System.Collections.Frozen;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// Every metric of ours with its labels and their bounds: declared here and nowhere else. Labels from outside take their bound from here, so do the views, the guide is made from it, and a
/// test holds every instrument against it. Source: product contract, section 10.
/// </summary>
public static class MetricCatalogue
{
    /// <summary>Label sets that a metric keeps, unless its labels allow fewer or its row says more.</summary>
    public const int MostSeries = 1000;

    /// <summary>What is never a label, whatever the metric.</summary>
    public static IReadOnlyList<string> NeverALabel { get; } =
        ["session", "user", "token", "key", "request_id", "trace_id", "path", "url", "prompt", "ip", "address", "user_agent", "tenant"];

    /// <summary>Buckets of whole requests, in seconds: from a cache hit to a long reasoning answer.</summary>
    public static IReadOnlyList<double> Durations { get; } = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];

    // An account holds 20 gateways (Cloudflare contract, section 2.2); over the years they may change.
    private static readonly MetricLabel Gateway = MetricLabel.Open("gateway", 100, "gateways that answered or that have rules");
    private static readonly MetricLabel Provider = MetricLabel.Open("provider", 100, "slugs of the table of providers and of custom providers that a rule set declares; none where nobody was asked");
    private static readonly MetricLabel Model = MetricLabel.Open("model", 100, "models of the price table, then those that answered");
    private static readonly MetricLabel ToldProvider = MetricLabel.Open("provider", 50, "providers, as Cloudflare's analytics name them");
    private static readonly MetricLabel ToldModel = MetricLabel.Open("model", 100, "models that answered, as Cloudflare's analytics name them");
    private static readonly MetricLabel Stream = MetricLabel.Of("stream", "true", "false");
    private static readonly MetricLabel Trigger = MetricLabel.Of("kind", "execute", "rollback", "interval", "signal", "keys", "resume", "create");
    private static readonly MetricLabel ObjectKind = MetricLabel.Of("kind", "secret_store", "secret", "custom_provider", "gateway", "provider_config", "route", "policy");
    private static readonly MetricLabel Job = MetricLabel.Declared("job", 20, "the scheduled jobs");
    private static readonly MetricLabel Sink = MetricLabel.Declared("sink", 8, "names of the configured webhooks");
    private static readonly MetricLabel Feed = MetricLabel.Of("feed", "logs", "telemetry", "otlp", "analytics");

    private static readonly MetricLabel Operation = MetricLabel.Of("gen_ai.operation.name", "chat", "text_completion", "embeddings");
    private static readonly MetricLabel GenAiProvider = MetricLabel.Open("gen_ai.provider.name", 100, "the providers, as the conventions call them");
    private static readonly MetricLabel RequestModel = MetricLabel.Open("gen_ai.request.model", 100, "as `model` above");
    private static readonly MetricLabel ErrorType = MetricLabel.Of("error.type", "client_error", "upstream_error", "timeout", "truncated", "cancelled", "rate_limited", "refused");

    private static readonly MetricBounds[] Rows =
    [
        Row("gatewayops_audit_events", MetricLabel.Declared("action", 60, "the actions of audit rows, or `_other`"), MetricLabel.Declared("result", 12, "the results of audit rows, or `_other`")),
        Row("gatewayops_auth_failures", MetricLabel.Of("reason", "missing", "invalid", "scope", "not_local", "expired", "revoked", "mistyped")),
        Row("gatewayops_build_info", MetricLabel.Declared("version", 1, "of the product"), MetricLabel.Declared("revision", 1, "the commit it was built from"), MetricLabel.Declared("runtime", 1, "of .NET")),
        Row("gatewayops_cloudflare_request_duration"),
        Row("gatewayops_cloudflare_requests",
            MetricLabel.Declared("endpoint", 120, "templates of the calls that we make"), MetricLabel.Of("method", "GET", "POST", "PUT", "PATCH", "DELETE"),
            MetricLabel.Of("code_class", "1xx", "2xx", "3xx", "4xx", "5xx", "none")),
        Row("gatewayops_cloudflare_throttled"),
        Row("gatewayops_drift_resources", Gateway, ObjectKind),
        Row("gatewayops_event_deliveries", Sink, MetricLabel.Of("result", "delivered", "failed", "given_up")),
        Row("gatewayops_event_sink_behind", Sink),
        Row("gatewayops_event_sink_failing", Sink),
        Row("gatewayops_gateway_cost_usd", Gateway, ToldProvider, ToldModel),
        Row("gatewayops_gateway_request_duration", Gateway, ToldProvider, ToldModel),
        Row("gatewayops_gateway_requests",
            Gateway, ToldProvider, ToldModel, MetricLabel.Of("status_class", "1xx", "2xx", "3xx", "4xx", "5xx", "none"), MetricLabel.Of("cached", "true", "false")) with { Series = 2 * MostSeries },
        Row("gatewayops_gateway_tokens", Gateway, ToldProvider, ToldModel, MetricLabel.Of("direction", "input", "output")),
        Row("gatewayops_job_interval", Job),
        Row("gatewayops_job_last_success_timestamp", Job),
        Row("gatewayops_job_runs", Job, MetricLabel.Of("result", "succeeded", "failed")),
        Row("gatewayops_log_full", Gateway),
        Row("gatewayops_metric_overflow", MetricLabel.Declared("metric", 200, "instruments of this page")),
        Row("gatewayops_otlp_exports", MetricLabel.Of("signal", "traces", "metrics"), MetricLabel.Of("result", "ok", "failed")),
        Row("gatewayops_otlp_requests", MetricLabel.Of("result", "stored", "partial", "refused", "unauthorized", "busy", "unavailable")),
        Row("gatewayops_plan_operations", ObjectKind, MetricLabel.Of("op", "create", "update", "delete"), MetricLabel.Of("result", "done", "failed")),
        Row("gatewayops_poll_backlog", Gateway, Feed),
        Row("gatewayops_poll_gaps", Feed),
        Row("gatewayops_poll_lag", Gateway, Feed),
        Row("gatewayops_poll_records", Feed, MetricLabel.Of("result", "added", "completed", "repeated", "kept_out", "expired")),
        Row("gatewayops_proxy_active_requests", Stream),
        Row("gatewayops_proxy_cache_evicted"),
        Row("gatewayops_proxy_cache_size"),
        Row("gatewayops_proxy_circuit", Provider),
        Row("gatewayops_proxy_cost_usd", Gateway, Provider, Model),
        Row("gatewayops_proxy_duration", Provider, Model, Stream),
        Row("gatewayops_proxy_overhead", Gateway),
        Row("gatewayops_proxy_queue_depth"),
        Row("gatewayops_proxy_requests",
            Gateway, Provider, Model, MetricLabel.Of("outcome", "ok", "client_error", "upstream_error", "timeout", "truncated", "cancelled", "rate_limited", "refused"), MetricLabel.Of("cache", "hit", "miss", "bypass"))
            with { Series = 2 * MostSeries },
        Row("gatewayops_proxy_streams_ended", MetricLabel.Of("reason", "completed", "truncated", "upstream_error", "oversized", "cancelled")),
        Row("gatewayops_proxy_time_to_first_token", Provider, Model, Stream, MetricLabel.Of("cold", "true", "false")),
        Row("gatewayops_proxy_tokens", Provider, Model, MetricLabel.Of("direction", "input", "output")),
        Row("gatewayops_reconcile", Trigger, MetricLabel.Of("result", "succeeded", "failed", "skipped")),
        Row("gatewayops_reconcile_duration", Trigger, MetricLabel.Declared("phase", 6, "observe, apply, total")),
        Row("gatewayops_reconcile_last_success_timestamp", Trigger),
        Row("gatewayops_ruleset_load_failed", Gateway),
        Row("gatewayops_ruleset_loads", MetricLabel.Of("result", "ok", "failed")),
        Row("gatewayops_ruleset_revision", Gateway, MetricLabel.Of("state", "desired", "applied", "loaded")),
        Row("gatewayops_scheduler_running"),
        Row("gatewayops_secret_oldest_timestamp", MetricLabel.Of("kind", "operator_token", "virtual_key", "provider_key")),
        Row("gatewayops_sessions_active"),
        Row("gatewayops_sessions_limit"),
        Row("gatewayops_usage_records_dropped"),
        Row("gatewayops_usage_records_limit"),
        Row("gatewayops_usage_records_queued"),

        // The second export, off unless GatewayOps:Telemetry:GenAiConventions names a version.
        Row("gen_ai.client.operation.duration", Operation, GenAiProvider, RequestModel, ErrorType),
        Row("gen_ai.client.operation.time_to_first_chunk", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.token.usage", Operation, GenAiProvider, RequestModel, MetricLabel.Of("gen_ai.token.type", "input", "output")),
        Row("gen_ai.client.inference.duration", Operation, GenAiProvider, RequestModel, ErrorType),
        Row("gen_ai.client.inference.operation.input_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.operation.output_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.time_to_first_chunk", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.usage.cache_read.input_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.usage.cache_write.input_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.usage.input_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.usage.output_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.client.inference.usage.reasoning.output_tokens", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.server.request.duration", Operation, GenAiProvider, RequestModel, ErrorType),
        Row("gen_ai.server.time_per_output_token", Operation, GenAiProvider, RequestModel),
        Row("gen_ai.server.time_to_first_token", Operation, GenAiProvider, RequestModel),
    ];

    private static readonly FrozenDictionary<string, MetricBounds> ByInstrument = Rows.ToFrozenDictionary(row => row.Instrument);

    public static IReadOnlyList<MetricBounds> All => Rows;

    /// <summary>The row of an instrument, or null for one that is not ours.</summary>
    public static MetricBounds? Find(string instrument) => ByInstrument.GetValueOrDefault(instrument);

    public static MetricBounds Of(string instrument) =>
        Find(instrument) ?? throw new InvalidOperationException($"{instrument} has no row in MetricCatalogue: every metric declares its labels and their bounds there");

    private static MetricBounds Row(string instrument, params MetricLabel[] labels) =>
        new(instrument, labels, (int)Math.Min(MostSeries, labels.Aggregate(1L, (product, label) => Math.Min(MostSeries, product * label.Bound))));
}
