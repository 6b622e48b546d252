namespace GatewayOps.Monitoring.Tests;

/// <summary>The alert GatewayOpsDatabaseAway has no metric of its own: this shows that what it reads does fall silent.</summary>
public sealed class DatabaseAwayTests(ComposeStage stage) : IClassFixture<ComposeStage>
{
    private const string Operations = "sum by (instance) (rate(db_client_operation_duration_seconds_count{job=\"gatewayops\"}[8s]))";

    [Fact]
    public async Task Operations_StopWithTheDatabase_WhileTheServiceStaysUp()
    {
        await stage.EventuallyAsync(async () => await stage.Prometheus.QueryAsync($"{Operations} > 0") is [_], () => "the service does not work with its database");
        await stage.EventuallyAsync(async () => await stage.Prometheus.QueryAsync("sum(gatewayops_proxy_requests_total{outcome=\"ok\"}) > 0") is [_], () => "there is no traffic");
        await stage.StopDatabaseAsync();
        await stage.EventuallyAsync(async () => await stage.Prometheus.QueryAsync($"{Operations} == 0") is [_], () => "operations go on without a database");
        Assert.Equal(1, Assert.Single(await stage.Prometheus.QueryAsync("up{job=\"gatewayops\"}")).Value);
        Assert.Equal(1, await stage.HealthAsync("controlplane-demo"));
    }
}
