using System.Net;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Loaded;

public sealed class RuleSetLoaderTests
{
    [Fact]
    public async Task Activation_IsServedByEveryReplica()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await TestService.StartAsync(database);
        await using var second = await TestService.StartAsync(database);
        await first.AddAsync("a", """{"settings":{"cache_ttl":60}}""");

        await first.ActivateAsync("prod", "a", 1);

        await first.EventuallyAsync(() => Label(first) == "a@1", "load");
        await second.EventuallyAsync(() => Label(second) == "a@1", "load by the second replica");
    }

    [Fact]
    public async Task Start_WithActiveRuleSets_HasThemBeforeTheFirstRequest()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using (var before = await TestService.StartAsync(database))
        {
            await before.AddAsync("a", "{}");
            await before.ActivateAsync("prod", "a", 1);
        }

        await using var service = await TestService.StartAsync(database);

        Assert.Equal("a@1", Label(service));
        Assert.Equal(HttpStatusCode.OK, (await service.Anonymous.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task Removal_UnloadsTheRuleSet()
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("a", "{}");
        await service.ActivateAsync("prod", "a", 1);
        await service.EventuallyAsync(() => Label(service) == "a@1", "load");

        await service.ActivateAsync("prod", "a", null);

        await service.EventuallyAsync(() => Label(service) == "none", "unload");
    }

    [Fact]
    public async Task RuleSetsThatDoNotGoTogether_KeepTheOldOneAndSaySo()
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("a", """{"settings":{"cache_ttl":60}}""");
        await service.AddAsync("b", """{"settings":{"cache_ttl":70}}""");
        await service.ActivateAsync("prod", "a", 1);
        await service.EventuallyAsync(() => Label(service) == "a@1", "load");

        await service.ActivateAsync("prod", "b", 1);
        var loaded = service.Services.GetRequiredService<LoadedRuleSets>();
        await service.EventuallyAsync(() => loaded.Failures.ContainsKey("prod"), "failure");

        Assert.Equal("a@1", Label(service));
        Assert.Contains("prod", await service.Anonymous.GetStringAsync("/readyz"));
        Assert.Single(service.Log.Lines, line => line.Contains("[1501]"));
        await service.ActivateAsync("prod", "b", null);
        await service.EventuallyAsync(() => loaded.Failures.Count == 0, "recovery");
    }

    [Fact]
    public async Task LostConnections_KeepTheLoadedRuleSetsAndRecover()
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("a", "{}");
        await service.AddAsync("a", """{"settings":{"cache_ttl":60}}""");
        await service.ActivateAsync("prod", "a", 1);
        await service.EventuallyAsync(() => Label(service) == "a@1", "load");

        await service.Database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await service.EventuallyAsync(() => service.Log.Lines.Any(line => line.Contains("[1502]")), "noticing the loss");
        Assert.Equal("a@1", Label(service));

        await service.EventuallyAsync(() => service.Log.Lines.Any(line => line.Contains("[1503]")), "recovery");
        await service.ActivateAsync("prod", "a", 2);
        await service.EventuallyAsync(() => Label(service) == "a@2", "load after recovery");
    }

    [Fact]
    public async Task DatabaseOutage_AnswersApi503AndStaysAlive()
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("a", "{}");
        await service.ActivateAsync("prod", "a", 1);
        await service.EventuallyAsync(() => Label(service) == "a@1", "load");
        var name = (await service.Database.QueryAsync<string>("select current_database()::text")).Single();

        // No new connection and none of the old ones: what a stopped server looks like. Told from another database, which is left alone.
        await using var elsewhere = await TestDatabase.CreateEmptyAsync();
        await elsewhere.ExecuteAsync($"alter database {name} allow_connections false");
        await elsewhere.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name);

        await service.EventuallyAsync(async () => (await service.Operator.GetAsync("/api/v1/content")).StatusCode == HttpStatusCode.ServiceUnavailable, "503");
        Assert.Equal(HttpStatusCode.OK, (await service.Anonymous.GetAsync("/healthz")).StatusCode);
        Assert.Equal("a@1", Label(service));
        await elsewhere.ExecuteAsync($"alter database {name} allow_connections true");
        await service.EventuallyAsync(async () => (await service.Operator.GetAsync("/api/v1/content")).StatusCode == HttpStatusCode.OK, "recovery");
    }

    private static string Label(TestService service) => service.Services.GetRequiredService<LoadedRuleSets>().For("prod").Label;
}
