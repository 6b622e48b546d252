using System.Diagnostics;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.Tests.Storage;

public sealed class DatabaseCheckTests
{
    // Gone is easy; a server that hangs with the connection open is what a probe must not wait for.
    [Fact]
    public async Task Server_Hangs_IsToldInTimeAndRecoversByItself()
    {
        using var folder = new TemporaryFolder();
        await using var server = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = folder.Path, Durable = false }, CancellationToken.None);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:GatewayOps", server.ConnectionString)]).Build();
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging().AddStorage(configuration).BuildServiceProvider();
        var checks = services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync(check => check.Name == "database")).Status);
        var processes = Family(server.ProcessId);

        await Processes.SignalAsync("STOP", processes);
        try
        {
            var since = Stopwatch.GetTimestamp();
            Assert.Equal(HealthStatus.Unhealthy, (await checks.CheckHealthAsync(check => check.Name == "database")).Status);
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5), $"took {Stopwatch.GetElapsedTime(since)}");
        }
        finally
        {
            await Processes.SignalAsync("CONT", processes);
        }

        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync(check => check.Name == "database")).Status);
    }

    private static List<int> Family(int postmaster)
    {
        var children = Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path)!).Where(id => id.All(char.IsAsciiDigit) && ParentOf(id) == postmaster);
        return [postmaster, .. children.Select(int.Parse)];
    }

    private static int? ParentOf(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
