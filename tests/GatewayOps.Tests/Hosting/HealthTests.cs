using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.ControlPlane.Scheduling;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.Tests.Hosting;

/// <summary>Readiness is told per dependency; what the proxy can do without makes it degraded, not unready.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Readyz_TellsEachDependency()
    {
        await using var service = await TestService.StartAsync();
        var checks = (await ReadyAsync(service)).Checks;
        Assert.Equal(["cloudflare", "database", "migrations", "rule_sets", "scheduler"], checks.Keys.Where(name => name != "events").Order(StringComparer.Ordinal));
        Assert.All(checks, check => Assert.Equal("Healthy", check.Value.Status));

        // Cloudflare is away: three calls in a row, then it is said, and traffic may still come.
        var reach = service.Services.GetRequiredService<CloudflareReach>();
        reach.Note("it cannot be reached");
        reach.Note("it cannot be reached");
        Assert.Equal("Healthy", (await ReadyAsync(service)).Status);
        reach.Note("it refuses the API token (403)");
        var (status, code, away) = await ReadyAsync(service);
        Assert.Equal(("Degraded", HttpStatusCode.OK), (status, code));
        Assert.Contains("refuses the API token (403), 3 calls in a row", away["cloudflare"].Description, StringComparison.Ordinal);
        reach.Note(null);
        Assert.Equal("Healthy", (await ReadyAsync(service)).Status);
    }

    /// <summary>Calls that fail on the wire count by themselves.</summary>
    [Fact]
    public async Task Cloudflare_NobodyListens_IsDegraded()
    {
        var reach = new CloudflareReach();
        using var client = new HttpMessageInvoker(new CloudflareReach.Handler(reach, new SocketsHttpHandler()));
        for (var i = 0; i < 3; i++)
        {
            // Port 9 is reserved for `discard`: a connection is refused at once.
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:9/client/v4");
            await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(request, CancellationToken.None));
        }

        var check = await reach.CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Degraded, check.Status);
        Assert.Contains("cannot be reached", check.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrations_ThatTheDatabaseLacks_MakeItUnready()
    {
        await using var service = await TestService.StartAsync();
        await service.Database.ExecuteAsync("""delete from "__EFMigrationsHistory" where "MigrationId" = (select max("MigrationId") from "__EFMigrationsHistory")""");
        var (status, code, checks) = await ReadyAsync(service);
        Assert.Equal(("Unhealthy", HttpStatusCode.ServiceUnavailable, "Unhealthy", "Healthy"), (status, code, checks["migrations"].Status, checks["database"].Status));
        Assert.Contains("lacks 1 migrations", checks["migrations"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scheduler_ThatDoesNotRun_IsDegraded()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Ingestion:Enabled"] = "true" });
        Assert.Equal("Healthy", (await ReadyAsync(service)).Checks["scheduler"].Status);
        service.Services.GetRequiredService<JobMetrics>().Running(false);
        var (status, code, checks) = await ReadyAsync(service);
        Assert.Equal(("Degraded", HttpStatusCode.OK, "Degraded"), (status, code, checks["scheduler"].Status));
    }

    private static async Task<(string Status, HttpStatusCode Code, Dictionary<string, (string Status, string? Description)> Checks)> ReadyAsync(TestService service)
    {
        using var answer = await service.Anonymous.GetAsync("/readyz");
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (json.GetProperty("status").GetString()!, answer.StatusCode,
            json.GetProperty("checks").EnumerateObject().ToDictionary(check => check.Name, check => (check.Value.GetProperty("status").GetString()!, check.Value.GetProperty("description").GetString())));
    }
}
