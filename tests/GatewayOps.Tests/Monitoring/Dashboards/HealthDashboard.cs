using static GatewayOps.Tests.Monitoring.Dashboards.Selectors;

namespace GatewayOps.Tests.Monitoring.Dashboards;

internal static class HealthDashboard
{
    public static Dashboard Made { get; } = new(
        "gatewayops-health",
        "GatewayOps: health of the control plane",
        "Do jobs run, is data lost, who is turned away, and how are process, database and runtime?",
        new Row(
            "Now",
            Stat("Replicas up", "short", "That Prometheus can read.", """sum(up{job=~"$job",instance=~"$instance"})""", new(2, 1), ["GatewayOpsTargetDown", "GatewayOpsTargetAbsent"]),
            Stat("Job furthest behind", "percentunit", "Time since a job's last good run, of what is tolerated.", "max(exported_job:gatewayops_job_age_seconds:min / on (exported_job) gatewayops:job_age_seconds:limit)", new(0.5, 1), ["GatewayOpsJobOverdue"]),
            Stat("Log furthest behind", "s", "Time since a gateway's log was read to its end.", "max(gateway_feed:gatewayops_poll_lag_seconds:min)", new(120, 300), ["GatewayOpsPollLagging"]),
            Stat("Records lost, 24 h", "short", "Request records that could not be kept.", $"sum(increase(gatewayops_usage_records_dropped_total{{{Here}}}[24h]))", new(1, 1), ["GatewayOpsUsageRecordsDropped"]),
            Stat("Turned away", "reqps", "Callers without valid credentials, per second.", $"sum(rate(gatewayops_auth_failures_total{{{Here}}}[5m]))", new(0.5, 1), ["GatewayOpsAuthFailures"]),
            Stat("Overflow, 1 h", "short", "Label values that metrics did not keep.", $"sum(increase(gatewayops_metric_overflow_total{{{Here}}}[1h]))", new(1, 100), ["GatewayOpsMetricOverflow"])),
        new Row(
            "Jobs and ingestion",
            Graph("Age of each job's last good run", "s", "On whichever replica.",
                ("exported_job:gatewayops_job_age_seconds:min", "{{exported_job}}"),
                ($"max by (exported_job) (gatewayops_job_interval_seconds{{{Here}}})", "interval of {{exported_job}}"),
                ("gatewayops:job_age_seconds:limit", "limit of {{exported_job}}")).Watched("GatewayOpsJobOverdue"),
            Stacked("Runs", "short", "Per minute, by job and result.", ($"sum by (exported_job, result) (rate(gatewayops_job_runs_total{{{Here}}}[5m])) * 60", "{{exported_job}} {{result}}")).Watched("GatewayOpsJobOverdue"),
            Graph("Scheduler nodes", "short", "Replicas that take jobs. They take turns; 0 is nobody.", ($"sum(gatewayops_scheduler_running{{{Here}}})", "nodes")).Watched("GatewayOpsJobOverdue"),
            Graph("Request records that wait", "short", "For the database. At the limit they are dropped.",
                ($"sum by (instance) (gatewayops_usage_records_queued{{{Here}}})", "{{instance}}"),
                ($"min(gatewayops_usage_records_limit{{{Here}}})", "limit")).Watched("GatewayOpsUsageRecordsDropped"),
            Graph("Lag of each gateway's log", "s", "Time since it was read to its end.",
                ("gateway_feed:gatewayops_poll_lag_seconds:min{gateway=~\"$gateway\"}", "{{feed}} of {{gateway}}"),
                ("gatewayops:poll_lag_seconds:limit", "limit")).Watched("GatewayOpsPollLagging"),
            Stacked("Log entries read", "short", "Per second. repeated ones are the overlap that finds what comes late.", ($"sum by (feed, result) (rate(gatewayops_poll_records_total{{{Here}}}[5m]))", "{{feed}} {{result}}"))),
        new Row(
            "Access and events",
            Stacked("Callers turned away", "reqps", "By reason.",
                ($"sum by (reason) (rate(gatewayops_auth_failures_total{{{Here}}}[5m]))", "{{reason}}")).Watched("GatewayOpsAuthFailures"),
            Graph("Names that metrics did not keep", "short", "Per minute, by metric: a label met more values than its bound.", ($"sum by (metric) (rate(gatewayops_metric_overflow_total{{{Here}}}[5m])) * 60", "{{metric}}")).Watched("GatewayOpsMetricOverflow"),
            Graph("Age of the oldest secret", "s", "In force, by kind: when it was made or last rotated. Tokens of the settings have no time.", ($"time() - min by (kind) (gatewayops_secret_oldest_timestamp_seconds{{{Here}}} > 0)", "{{kind}}")),
            Graph("Sessions", "short", "With a request lately. At the limit of a replica the one that was silent longest is forgotten.",
                ($"sum by (instance) (gatewayops_sessions_active{{{Here}}})", "{{instance}}"),
                ($"min(gatewayops_sessions_limit{{{Here}}})", "limit")),
            Graph("Events not yet told", "short", "Audit rows that a webhook has still to take.",
                ($"max by (sink) (gatewayops_event_sink_behind{{{Here}}})", "{{sink}}"),
                ($"max by (sink) (gatewayops_event_sink_failing{{{Here}}})", "{{sink}} fails")).Watched("GatewayOpsEventSinkFailing"),
            Stacked("Events told", "short", "Per minute, by webhook and result.", ($"sum by (sink, result) (rate(gatewayops_event_deliveries_total{{{Here}}}[5m])) * 60", "{{sink}} {{result}}")).Watched("GatewayOpsEventSinkFailing")),
        new Row(
            "Process and database",
            Table("Builds", "short", "What each replica runs.", ($"gatewayops_build_info{{{Here}}}", "{{instance}} {{version}} {{revision}} on .NET {{runtime}}")),
            Graph("CPU", "short", "Cores in use.", ($"sum by (instance) (rate(dotnet_process_cpu_time_seconds_total{{{Here}}}[5m]))", "{{instance}}")),
            Graph("Memory", "bytes", "Working set, and what the last collection left on the heap.",
                ($"sum by (instance) (dotnet_process_memory_working_set_bytes{{{Here}}})", "{{instance}} working set"),
                ($"sum by (instance) (dotnet_gc_last_collection_heap_size_bytes{{{Here}}})", "{{instance}} heap")),
            Graph("Garbage collection", "percentunit", "Share of the time in which the process stood still.", ($"sum by (instance) (rate(dotnet_gc_pause_time_seconds_total{{{Here}}}[5m]))", "{{instance}}")),
            Graph("Thread pool", "short", "Work that waits, and threads.",
                ($"sum by (instance) (dotnet_thread_pool_queue_length{{{Here}}})", "{{instance}} waiting"),
                ($"sum by (instance) (dotnet_thread_pool_thread_count{{{Here}}})", "{{instance}} threads")),
            Graph("Database operations", "ops", "Per second. None for two minutes: the database is away.", ($"sum by (instance) (rate(db_client_operation_duration_seconds_count{{{Here}}}[5m]))", "{{instance}}")).Watched("GatewayOpsDatabaseAway"),
            Graph("Database operations, p95", "s", "", ($"histogram_quantile(0.95, sum by (instance, le) (rate(db_client_operation_duration_seconds_bucket{{{Here}}}[5m])))", "{{instance}}")) with { About = "Time of one command." },
            Graph("Database connections", "short", "By state, and how many there may be.",
                ($"sum by (instance, db_client_connection_state) (db_client_connection_count{{{Here}}})", "{{instance}} {{db_client_connection_state}}"),
                ($"sum by (instance) (db_client_connection_max{{{Here}}})", "{{instance}} most")),
            Graph("HTTP, p95 by route", "s", "The service's own routes, the ten slowest.", ($"topk(10, histogram_quantile(0.95, sum by (http_route, le) (rate(http_server_request_duration_seconds_bucket{{{Here}}}[5m]))))", "{{http_route}}")),
            Graph("The scrape itself", "s", "How long reading /metrics takes; the timeout is 10 s.", ($"scrape_duration_seconds{{{Here}}}", "{{instance}}")),
            Graph("Series", "short", "How many samples a scrape reads. It stays within bounds whatever callers send.", ($"scrape_samples_scraped{{{Here}}}", "{{instance}}")).Watched("GatewayOpsMetricOverflow")));
}
