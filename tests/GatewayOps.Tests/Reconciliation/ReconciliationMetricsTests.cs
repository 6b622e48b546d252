namespace GatewayOps.Tests.Reconciliation;

public sealed class ReconciliationMetricsTests
{
    [Fact]
    public async Task Metrics_BeforeAnything_AreThereAtZero()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var text = await ScrapeAsync(world);

        Assert.Contains("""gatewayops_reconcile_total{kind="interval",result="failed"} 0""", text);
        Assert.Contains("""gatewayops_reconcile_last_success_timestamp_seconds{kind="interval"} 0""", text);
        Assert.Contains("""gatewayops_plan_operations_total{kind="provider_config",op="create",result="failed"} 0""", text);
    }

    [Fact]
    public async Task Metrics_DriftOfAnotherOwner_IsShown()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300,"authentication":true}""");

        var text = await ScrapeAsync(world);

        Assert.Contains("""gatewayops_drift_resources{gateway="prod",kind="gateway"} 1""", text);
        Assert.Contains("""gatewayops_ruleset_revision{gateway="prod",state="desired"} 1""", text);
        Assert.Contains("""gatewayops_ruleset_revision{gateway="prod",state="applied"} 1""", text);
        Assert.Contains("""gatewayops_plan_operations_total{kind="gateway",op="update",result="done"} 1""", text);
        Assert.Contains("""gatewayops_reconcile_total{kind="execute",result="succeeded"} 1""", text);
        Assert.Contains("""gatewayops_reconcile_duration_seconds_count{kind="execute",phase="apply"} 1""", text);
    }

    [Fact]
    public async Task Metrics_JobThatRan_IsCounted()
    {
        await using var world = await ReconciliationWorld.StartAsync(settings: KillSteps.Restarted);

        await world.Service.EventuallyAsync(async () => !(await ScrapeAsync(world)).Contains("""gatewayops_job_runs_total{job="reconcile",result="succeeded"} 0"""), "a run of the job");

        Assert.DoesNotContain("""gatewayops_job_last_success_timestamp_seconds{job="reconcile"} 0""", await ScrapeAsync(world));
    }

    private static Task<string> ScrapeAsync(ReconciliationWorld world) => world.Api.GetStringAsync(new Uri("/metrics", UriKind.Relative));
}
