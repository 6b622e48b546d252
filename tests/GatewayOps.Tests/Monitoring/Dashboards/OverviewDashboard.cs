using static GatewayOps.Tests.Monitoring.Dashboards.Selectors;

namespace GatewayOps.Tests.Monitoring.Dashboards;

internal static class OverviewDashboard
{
    public static Dashboard Made { get; } = new(
        "gatewayops-overview",
        "GatewayOps: overview and objectives",
        "Is it well, for callers and for us? How much of the error budget is left?",
        new Row(
            "Now",
            Stat("Availability, 30 days", "percentunit", "Share of answers that were neither a 5xx nor cut off. The objective is 99.9 %.", "1 - gatewayops:proxy_errors:ratio_rate30d", new(0.9995, 0.999), ["GatewayOpsErrorBudgetBurn"], 3),
            Stat("Error budget left", "percentunit", "Of the failures that the objective allows in 30 days: 100 % is all of it, below 0 the objective is missed.", "gatewayops:proxy_error_budget:remaining30d", new(0.5, 0.1), ["GatewayOpsErrorBudgetBurn"]),
            Stat("Requests", "reqps", "Answered by the proxy, in 5 minutes.", $"sum(rate(gatewayops_proxy_requests_total{{{Gateway}}}[5m]))"),
            Stat("Overhead p99", "s", "What the proxy adds before the first byte. Up to 50 ms are fine.", "gatewayops:proxy_overhead_seconds:p99_rate5m", new(0.025, 0.05), ["GatewayOpsProxyOverheadHigh"]),
            Stat("Cost, 24 h", "currencyUSD", "Estimated, by the price table.", $"sum(increase(gatewayops_proxy_cost_usd_total{{{Gateway}}}[24h]))", decimals: 2),
            Stat("Drift", "short", "Differences between the rule sets and Cloudflare.", "sum(gateway:gatewayops_drift_resources:max) or vector(0)", new(1, 5), ["GatewayOpsDrift"]),
            Stat("Replicas up", "short", "That Prometheus can read.", """sum(up{job=~"$job",instance=~"$instance"})""", new(2, 1), ["GatewayOpsTargetDown", "GatewayOpsTargetAbsent"]),
            Stat("Alerts firing", "short", "Of ours.", """count(ALERTS{alertstate="firing",alertname=~"GatewayOps.*"}) or vector(0)""", new(1, 3))),
        new Row(
            "Objectives",
            Graph(
                "Burn rate", "short", "How many times faster than allowed the error budget is used. 1 uses it up in 30 days; 14.4 over an hour wakes somebody.",
                ("gatewayops:proxy_errors:ratio_rate5m / (1 - scalar(gatewayops:slo_availability:target))", "5 minutes"),
                ("gatewayops:proxy_errors:ratio_rate1h / (1 - scalar(gatewayops:slo_availability:target))", "1 hour"),
                ("gatewayops:proxy_errors:ratio_rate6h / (1 - scalar(gatewayops:slo_availability:target))", "6 hours"),
                ("gatewayops:proxy_errors:ratio_rate3d / (1 - scalar(gatewayops:slo_availability:target))", "3 days")) with
            { Limits = new(6, 14.4), Alerts = ["GatewayOpsErrorBudgetBurn"] },
            Stacked("Requests by outcome", "reqps", "upstream_error, timeout and truncated count against the objective; the rest is the callers'.", ("sum by (outcome) (gateway_outcome:gatewayops_proxy_requests:rate5m{gateway=~\"$gateway\"})", "{{outcome}}")),
            Graph(
                "Overhead of the proxy", "s", "Before the first byte, over all gateways.",
                ("gatewayops:proxy_overhead_seconds:p99_rate5m", "p99"),
                ($"histogram_quantile(0.5, sum by (le) (rate(gatewayops_proxy_overhead_seconds_bucket{{{Gateway}}}[5m])))", "p50"),
                ("gatewayops:proxy_overhead_seconds:limit", "limit")).Watched("GatewayOpsProxyOverheadHigh"),
            Graph(
                "Time to first token, p95", "s", "By provider, without models that had to be loaded.",
                ("provider:gatewayops_proxy_time_to_first_token_seconds:p95_rate5m", "{{provider}}"),
                ("gatewayops:proxy_first_token_seconds:limit", "limit")).Watched("GatewayOpsFirstTokenSlow"),
            Graph(
                "Freshness of the control plane", "s", "Age of the last good pass of the reconciler, and of the last complete reading of each gateway's log.",
                ("gatewayops:reconcile_age_seconds:min", "reconciler"),
                ("gateway_feed:gatewayops_poll_lag_seconds:min{gateway=~\"$gateway\"}", "{{feed}} of {{gateway}}")).Watched("GatewayOpsReconcileStale", "GatewayOpsPollLagging"),
            Table("Alerts", "short", "Those that fire or are about to, 1 each; 0 where there is none.", ("max by (alertname, severity, alertstate) (ALERTS{alertname=~\"GatewayOps.*\"}) or vector(0)", "{{alertname}} {{severity}} {{alertstate}}")).Watched("GatewayOpsMetricMissing")));
}
