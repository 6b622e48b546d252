using System.Diagnostics;
using System.Net;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>
/// A replica that holds a gateway and falls silent, stopped or cut off from the database, with its session still open: another one takes the gateway after
/// half a minute, and the first one, when it comes to itself, changes nothing.
/// </summary>
public sealed class SilentHolderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("insert into replicas (id, build, started_at, seen_at, loaded) select holder, '', now(), now() + interval '20 s', '{}' from gateway_epochs", false)]
    [InlineData("delete from replicas", true)]
    public async Task TryAcquire_SessionHasBeenIdle_IsTakenOnlyWhereTheReplicaIsSilentToo(string heard, bool isTaken)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database);
        await using var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
        GatewayLocks locks = NewLocks(), others = NewLocks();
        await using var stale = await locks.AcquireAsync("prod", CancellationToken.None);
        await database.ExecuteAsync(heard);

        Assert.Null(await others.TryAcquireAsync("prod", CancellationToken.None)); // its session was heard a moment ago
        await Task.Delay(TimeSpan.FromSeconds(31));
        await using var late = await others.TryAcquireAsync("prod", CancellationToken.None);

        Assert.Equal(isTaken, late is not null);

        GatewayLocks NewLocks() => new(source, new ReplicaId(), service.Services.GetRequiredService<AuditMetrics>(), TimeProvider.System, NullLogger<GatewayLocks>.Instance);
    }

    [Fact]
    public async Task Stopped_WhileItLooks_IsOvertakenAndWritesNothingWhenItGoesOn()
    {
        await using var world = await DriftedAsync();
        await using var stopped = await ChildService.StartAsync(world.Database, world.Cloudflare, "");

        var overtaken = await LookSlowlyAsync(world, stopped.Operator);
        await Processes.SignalAsync("STOP", stopped.ProcessId);
        await OvertakeAsync(world);
        await Processes.SignalAsync("CONT", stopped.ProcessId);

        await AssertNothingWrittenAsync(world, overtaken);
        await AssertGoesOnAsync(world, stopped.Operator);
    }

    [Fact]
    public async Task CutOffFromTheDatabase_WhileItLooks_IsOvertakenAndWritesNothingWhenItIsBack()
    {
        await using var world = await DriftedAsync();
        await using var way = TcpWay.To(new Npgsql.NpgsqlConnectionStringBuilder(world.Database.ConnectionString));
        await using var cutOff = await ChildService.StartAsync(world.Database, world.Cloudflare, "", new Dictionary<string, string> { ["ConnectionStrings:GatewayOps"] = way.ConnectionString });

        var overtaken = await LookSlowlyAsync(world, cutOff.Operator);
        way.Close();
        await OvertakeAsync(world);
        way.Open();

        await AssertNothingWrittenAsync(world, overtaken);
        await AssertGoesOnAsync(world, cutOff.Operator);
    }

    private static async Task<ReconciliationWorld> DriftedAsync()
    {
        var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        return world;
    }

    // Its look takes two seconds, in which whatever happens to it happens between look and write.
    private static async Task<Task<HttpResponseMessage>> LookSlowlyAsync(ReconciliationWorld world, HttpClient api)
    {
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/gateways/prod", method = "GET", delayMs = 2000, times = 1 });
        var before = await EpochAsync(world);
        var look = api.PostAsync(new Uri("/api/v1/reconcile", UriKind.Relative), content: null);
        await world.Service.EventuallyAsync(async () => (await EpochAsync(world)) > before, "the lock of the look", Patience);
        await Task.Delay(500); // it is reading
        return look;
    }

    private static async Task<long> EpochAsync(ReconciliationWorld world) => (await world.Database.QueryAsync<long>("select epoch from gateway_epochs"))[0];

    private static async Task OvertakeAsync(ReconciliationWorld world)
    {
        var writes = (await world.WritesAsync()).Count;
        var started = Stopwatch.GetTimestamp();
        while ((await world.LiveAsync())["cache_ttl"]!.ToJsonString() != "300")
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"the gateway was not taken from the silent replica\n{world.Service.Log}");
            using var answer = await world.Api.PostAsync(new Uri("/api/v1/reconcile", UriKind.Relative), content: null);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        Assert.Equal(writes + 1, (await world.WritesAsync()).Count);
    }

    private static async Task AssertNothingWrittenAsync(ReconciliationWorld world, Task<HttpResponseMessage> overtaken)
    {
        var (writes, rows) = (await world.WritesAsync(), await RowsAsync(world));
        await world.MeddleAsync("""{"cache_ttl":6}"""); // so that there is something that it would do
        using (var answer = await overtaken.WaitAsync(Patience))
        {
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.ServiceUnavailable, HttpStatusCode.Conflict });
        }

        Assert.Equal(writes.Count + 1, (await world.WritesAsync()).Count); // the meddling
        Assert.Equal("6", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(rows, await RowsAsync(world));
    }

    // No restart is needed.
    private static async Task AssertGoesOnAsync(ReconciliationWorld world, HttpClient api)
    {
        await world.Service.EventuallyAsync(
            async () =>
            {
                using var answer = await api.PostAsync(new Uri("/api/v1/reconcile", UriKind.Relative), content: null);
                return answer.IsSuccessStatusCode;
            },
            "a pass by the replica that is back", Patience);
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
    }

    private static Task<IReadOnlyList<string>> RowsAsync(ReconciliationWorld world) => world.Database.QueryAsync<string>(
        "select 'run ' || id || ' ' || epoch || ' ' || outcome from runs union all select 'operation ' || id || ' ' || epoch || ' ' || status from operations union all select 'status ' || xmin from gateway_statuses order by 1");
}
