using static GatewayOps.Tests.Monitoring.Dashboards.Selectors;

namespace GatewayOps.Tests.Monitoring.Dashboards;

internal static class ReconciliationDashboard
{
    public static Dashboard Made { get; } = new(
        "gatewayops-reconciliation",
        "GatewayOps: reconciliation and drift",
        "Is Cloudflare as it was declared? Does every replica serve the active rules? What keeps the reconciler back?",
        new Row(
            "Now",
            Stat("Drift", "short", "Differences between the rule sets and Cloudflare.", "sum(gateway:gatewayops_drift_resources:max{gateway=~\"$gateway\"}) or vector(0)", new(1, 5), ["GatewayOpsDrift"]),
            Stat("Last good pass", "s", "How long ago, on whichever replica. The default interval is 30 s.", "gatewayops:reconcile_age_seconds:min", new(60, 300), ["GatewayOpsReconcileStale"]),
            Stat("Failed passes", "percentunit", "Share of those of 15 minutes.", "gatewayops:reconcile_failures:ratio_increase15m", new(0.1, 0.5), ["GatewayOpsReconcileFailing"]),
            Stat("Behind", "short", "Gateways of which a replica serves another revision than the active one.", """count(max by (gateway) (gatewayops_ruleset_revision{state="desired"}) != on (gateway) min by (gateway) (gatewayops_ruleset_revision{state="loaded"})) or vector(0)""", new(1, 2), ["GatewayOpsRuleSetNotLoaded"]),
            Stat("Changes, 24 h", "short", "Made in Cloudflare.", $"sum(increase(gatewayops_plan_operations_total{{{Here},result=\"done\"}}[24h]))"),
            Stat("429, 15 min", "short", "Of Cloudflare's API.", $"sum(increase(gatewayops_cloudflare_throttled_total{{{Here}}}[15m]))", new(1, 10), ["GatewayOpsCloudflareThrottled"])),
        new Row(
            "Drift and revisions",
            Stacked("Drift by gateway and object", "short", "At the last look, reports included. What lasts is paused, ignored, in conflict, or fails to be put right.", ($"max by (gateway, kind) (gatewayops_drift_resources{{{Gateway}}})", "{{kind}} of {{gateway}}")).Watched("GatewayOpsDrift"),
            Table("Revisions", "short", "desired is active, applied is in Cloudflare, loaded is what the replica that is furthest behind serves. Equal numbers: all is where it should be.", ($"min by (gateway, state) (gatewayops_ruleset_revision{{{Gateway}}})", "{{gateway}} {{state}}")).Watched("GatewayOpsRuleSetNotLoaded"),
            Graph("Rule sets compiled", "short", "Per minute, by result.", ($"sum by (result) (rate(gatewayops_ruleset_loads_total{{{Here}}}[5m])) * 60", "{{result}}")),
            Graph("Rule sets that cannot be compiled", "short", "1 where a replica goes on with those before.", ($"max by (gateway) (gatewayops_ruleset_load_failed{{{Gateway}}})", "{{gateway}}")).Watched("GatewayOpsRuleSetLoadFailed")),
        new Row(
            "Passes",
            Stacked("Passes by result", "short", "Per minute. skipped: another replica was at it.", ($"sum by (result) (rate(gatewayops_reconcile_total{{{Here}}}[5m])) * 60", "{{result}}")).Watched("GatewayOpsReconcileFailing"),
            Stacked("Passes by what began them", "short", "Per minute.", ($"sum by (kind) (rate(gatewayops_reconcile_total{{{Here}}}[5m])) * 60", "{{kind}}")),
            Graph("Age of the last good pass", "s", "By what began it; interval is the one that repeats.",
                ($"time() - max by (kind) (gatewayops_reconcile_last_success_timestamp_seconds{{{Here}}} > 0)", "{{kind}}"),
                ("gatewayops:reconcile_age_seconds:limit", "limit")).Watched("GatewayOpsReconcileStale"),
            Graph("Duration of passes, p95", "s", "By phase.", ($"histogram_quantile(0.95, sum by (phase, le) (rate(gatewayops_reconcile_duration_seconds_bucket{{{Here}}}[5m])))", "{{phase}}")),
            Stacked("Changes", "short", "Asked for by plans, per minute.", ($"sum by (op, result) (rate(gatewayops_plan_operations_total{{{Here}}}[5m])) * 60", "{{op}} {{result}}")),
            Stacked("Audit rows", "short", "Per minute, by action; those that happened.", ($"sum by (action) (rate(gatewayops_audit_events_total{{{Here}}}[5m])) * 60 > 0", "{{action}}"))),
        new Row(
            "Cloudflare's API",
            Stacked("Requests by status", "reqps", "Retries included.", ("code_class:gatewayops_cloudflare_requests:rate5m", "{{code_class}}")),
            Stacked("Requests by endpoint", "reqps", "The ten most used. The budget is 1200 in 5 minutes, 4 a second.", ($"topk(10, sum by (endpoint) (rate(gatewayops_cloudflare_requests_total{{{Here}}}[5m])))", "{{endpoint}}")),
            Graph("Duration of requests, p95", "s", "Without the wait for the limiter.", ("gatewayops:cloudflare_request_duration_seconds:p95_rate5m", "p95")),
            Graph("Answers 429", "short", "In 15 minutes.",
                ($"sum(increase(gatewayops_cloudflare_throttled_total{{{Here}}}[15m]))", "429"),
                ("gatewayops:cloudflare_throttled:limit", "limit")).Watched("GatewayOpsCloudflareThrottled")));
}
