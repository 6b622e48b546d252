using System.Data.Common;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GatewayOps.Tests.Storage;

public sealed class StorageFeatureTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public async Task Start_WithoutConnectionString_NamesTheSettingAndTheFix(string? setting)
    {
        await using var services = Services(setting);

        var refused = Assert.Throws<StorageUnavailableException>(services.GetRequiredService<NpgsqlDataSource>);

        Assert.StartsWith("ConnectionStrings:GatewayOps is not set", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Password=hunter2;x;Port=1")]
    [InlineData("postgres://u:hunter2@db/gatewayops")]
    [InlineData("Host=db;Password=hunter2;Port=many")]
    [InlineData("Password=hunter2")]
    public async Task Start_ConnectionStringThatIsNone_SaysSoWithoutQuotingIt(string setting)
    {
        await using var services = Services(setting);

        var refused = Assert.Throws<StorageUnavailableException>(services.GetRequiredService<NpgsqlDataSource>);

        Assert.Contains("ConnectionStrings:GatewayOps", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_ShareOneDataSource()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var services = Services(database.ConnectionString);
        await using var db = await services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync();

        Assert.Same(services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<DbDataSource>());
        Assert.Equal(0, await db.RuleSets.CountAsync());
    }

    [Fact]
    public async Task Ready_FollowsTheDatabase()
    {
        var database = await TestDatabase.CreateAsync();
        await using var services = Services(database.ConnectionString);
        var checks = services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync(check => check.Tags.Contains("ready"))).Status);

        await database.DisposeAsync();

        Assert.Equal(HealthStatus.Unhealthy, (await checks.CheckHealthAsync(check => check.Tags.Contains("ready"))).Status);
    }

    private static ServiceProvider Services(string? connectionString)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:GatewayOps", connectionString)]).Build();
        return new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging().AddStorage(configuration).BuildServiceProvider();
    }
}
