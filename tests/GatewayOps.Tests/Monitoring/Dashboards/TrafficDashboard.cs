using static GatewayOps.Tests.Monitoring.Dashboards.Selectors;

namespace GatewayOps.Tests.Monitoring.Dashboards;

internal static class TrafficDashboard
{
    public static Dashboard Made { get; } = new(
        "gatewayops-traffic",
        "GatewayOps: traffic and cost",
        "Who asks what, how long does it take, what does it cost, what does the cache save?",
        new Row(
            "Now",
            Stat("Requests, 24 h", "short", "Answered by the proxy.", $"sum(increase(gatewayops_proxy_requests_total{{{Gateway}}}[24h]))"),
            Stat("Failed", "percentunit", "Share of requests of 5 minutes that ended in a 5xx or were cut off.", "gatewayops:proxy_errors:ratio_rate5m", new(0.001, 0.01), ["GatewayOpsErrorBudgetBurn"], 2),
            Stat("Cache hits", "percentunit", "Share of the answers that went well and came from a cache.", $"sum(rate(gatewayops_proxy_requests_total{{{Gateway},cache=\"hit\"}}[5m])) / sum(rate(gatewayops_proxy_requests_total{{{Gateway},outcome=\"ok\"}}[5m]))"),
            Stat("Tokens, 24 h", "short", "In and out, without answers from a cache.", $"sum(increase(gatewayops_proxy_tokens_total{{{Here}}}[24h]))"),
            Stat("Cost, 24 h", "currencyUSD", "Estimated, by the price table.", $"sum(increase(gatewayops_proxy_cost_usd_total{{{Gateway}}}[24h]))", decimals: 2),
            Stat("Being answered", "short", "Requests under way.", $"sum(gatewayops_proxy_active_requests{{{Here}}})"),
            Stat("Waiting", "short", "In the queues of rules.", $"sum(gatewayops_proxy_queue_depth{{{Here}}})"),
            Stat("Sessions", "short", "With a request lately (GatewayOps:Proxy:SessionTtl).", $"sum(gatewayops_sessions_active{{{Here}}})")),
        new Row(
            "Requests",
            Stacked("By provider", "reqps", "Requests answered.", ($"sum by (provider) (rate(gatewayops_proxy_requests_total{{{Gateway}}}[5m]))", "{{provider}}")),
            Stacked("By model", "reqps", "The ten most asked for. _other is what no provider answered to, and what exceeds the bound of 100.", ($"topk(10, sum by (model) (rate(gatewayops_proxy_requests_total{{{Gateway}}}[5m])))", "{{model}}")),
            Stacked("By gateway", "reqps", "Requests answered.", ($"sum by (gateway) (rate(gatewayops_proxy_requests_total{{{Gateway}}}[5m]))", "{{gateway}}")),
            Stacked("Refused and failed", "reqps", "All that did not go well, by outcome.", ($"sum by (outcome) (rate(gatewayops_proxy_requests_total{{{Gateway},outcome!=\"ok\"}}[5m]))", "{{outcome}}")).Watched("GatewayOpsErrorBudgetBurn"),
            Stacked("Streams by how they ended", "reqps", "completed is whole; all else was cut off, and the caller was told so.", ($"sum by (reason) (rate(gatewayops_proxy_streams_ended_total{{{Here}}}[5m]))", "{{reason}}")),
            Graph("Circuits", "short", "0: asked as usual. 1: one request at a time. 2: left out where there is another provider.", ($"max by (provider) (gatewayops_proxy_circuit{{{Here}}})", "{{provider}}")).Watched("GatewayOpsCircuitOpen")),
        new Row(
            "Time",
            Graph("Duration, p95", "s", "From the request's arrival to the last byte.", ("provider:gatewayops_proxy_duration_seconds:p95_rate5m", "{{provider}}")),
            Graph(
                "Duration of streams and plain answers, p50", "s", "From the request's arrival to the last byte.",
                ($"histogram_quantile(0.5, sum by (stream, le) (rate(gatewayops_proxy_duration_seconds_bucket{{{Here}}}[5m])))", "stream {{stream}}")),
            Graph(
                "Time to first token, cold and warm, p95", "s", "Cold: the first answer of a model for a while, which its provider may have had to load.",
                ($"histogram_quantile(0.95, sum by (cold, le) (rate(gatewayops_proxy_time_to_first_token_seconds_bucket{{{Here}}}[5m])))", "cold {{cold}}")).Watched("GatewayOpsFirstTokenSlow"),
            Graph("Requests at work", "short", "Being answered, and waiting in the queues of rules.",
                ($"sum by (stream) (gatewayops_proxy_active_requests{{{Here}}})", "stream {{stream}}"),
                ($"sum(gatewayops_proxy_queue_depth{{{Here}}})", "waiting"))),
        new Row(
            "Tokens, cost and cache",
            Stacked("Tokens", "short", "Per second, by direction.", ($"sum by (direction) (rate(gatewayops_proxy_tokens_total{{{Here}}}[5m]))", "{{direction}}")),
            Stacked("Cost per hour, by model", "currencyUSD", "The ten dearest.", ("topk(10, sum by (model) (gateway_provider_model:gatewayops_proxy_cost_usd:increase1h{gateway=~\"$gateway\"}))", "{{model}}")),
            Stacked("Cost per hour, by gateway", "currencyUSD", "Estimated, by the price table.", ("sum by (gateway) (gateway_provider_model:gatewayops_proxy_cost_usd:increase1h{gateway=~\"$gateway\"})", "{{gateway}}")),
            Graph("Cache hits by gateway", "percentunit", "Share of the answers that went well and came from a cache.", ("gateway:gatewayops_proxy_cache_hits:ratio_rate5m{gateway=~\"$gateway\"}", "{{gateway}}")),
            Graph("Answers kept in memory", "bytes", "For providers in direct mode.", ($"sum by (instance) (gatewayops_proxy_cache_size_bytes{{{Here}}})", "{{instance}}")),
            Graph("Answers that left the memory early", "short", "Per second, for want of room (GatewayOps:Proxy:CacheBytes).", ($"sum by (instance) (rate(gatewayops_proxy_cache_evicted_total{{{Here}}}[5m]))", "{{instance}}"))),
        new Row(
            "As the gateways tell it",
            Stacked("Requests at Cloudflare, by status", "reqps", "From the analytics of the gateways: also of callers that do not come through the proxy. At least 14 minutes late.", ($"sum by (status_class) (rate(gatewayops_gateway_requests_total{{{Gateway}}}[30m]))", "{{status_class}}")),
            Stacked("Tokens at Cloudflare", "short", "Per second, by gateway.", ($"sum by (gateway) (rate(gatewayops_gateway_tokens_total{{{Gateway}}}[30m]))", "{{gateway}}")),
            Graph(
                "Cost, Cloudflare's and ours", "currencyUSD", "Per hour. They differ by what does not come through the proxy, by price tables, and by lateness.",
                ($"sum(increase(gatewayops_gateway_cost_usd_total{{{Gateway}}}[1h]))", "at Cloudflare"),
                ("sum(gateway_provider_model:gatewayops_proxy_cost_usd:increase1h{gateway=~\"$gateway\"})", "through the proxy")),
            Graph("Duration at Cloudflare, p95", "s", "Of the gateways' log rows.", ($"histogram_quantile(0.95, sum by (gateway, le) (rate(gatewayops_gateway_request_duration_seconds_bucket{{{Gateway}}}[30m])))", "{{gateway}}"))));
}
