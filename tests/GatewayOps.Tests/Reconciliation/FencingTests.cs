using System.Net;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>Two holders of one lock, of whom the first does not know that it lost it: it writes nothing, neither to the database nor to Cloudflare.</summary>
public sealed class FencingTests
{
    [Fact]
    public async Task Acquire_EachTime_BeginsANewEpochInTheReplicasName()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var epochs = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            await using var held = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
            epochs.Add(held.Epoch);
        }

        Assert.Equal([1, 2, 3], epochs);
        Assert.Equal([world.Service.Services.GetRequiredService<ReplicaId>().Value], await world.Database.QueryAsync<string>("select holder from gateway_epochs"));
    }

    [Fact]
    public async Task Pass_RunsAndJournal_CarryItsEpoch()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.ApplyAsync("""{"cache_ttl":301}""");

        Assert.Equal([1L, 2L], await world.Database.QueryAsync<long>("select epoch from runs order by id"));
        Assert.Equal([1L, 2L], await world.Database.QueryAsync<long>("select epoch from operations order by id"));
    }

    [Fact]
    public async Task Call_AfterSomebodyElseTookTheLock_IsNotMadeAndNotNoted()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = await world.AddReplicaAsync();
        await using var stale = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
        await EndSessionsOfLocksAsync(world);
        await using var newer = await LocksOf(other).AcquireAsync("prod", CancellationToken.None);

        await Assert.ThrowsAsync<StaleEpochException>(() => CreateStoreAsync(world.Service, stale));

        Assert.Empty(await world.WritesAsync());
        Assert.Empty(await world.Database.QueryAsync<string>("select key from operations"));
        await CreateStoreAsync(other, newer);
        Assert.Single(await world.WritesAsync());
    }

    [Fact]
    public async Task Write_AfterTheSessionEnded_FailsEvenWhereNobodyTookTheLock()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var held = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
        await EndSessionsOfLocksAsync(world);

        // The second attempt is on a session that was opened in the place of the first: it holds no lock.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await Assert.ThrowsAsync<StaleEpochException>(() => WriteStatusAsync(held));
        }

        Assert.Empty(await world.Database.QueryAsync<string>("select gateway from gateway_statuses"));
    }

    [Fact]
    public async Task Write_UnderAnOpenTransaction_IsWaitedForByTheNextTaking()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = await world.AddReplicaAsync();
        await using var db = await world.Database.Contexts.CreateDbContextAsync();
        await using (await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None))
        {
        }

        await using var held = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync();
        await held.DemandAsync(db, CancellationToken.None);
        await EndSessionsOfLocksAsync(world);
        var taking = LocksOf(other).AcquireAsync("prod", CancellationToken.None);
        await world.Service.EventuallyAsync(
            async () => (await world.Database.QueryAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%gateway_epochs%' and datname = current_database()"))[0] == 1,
            "the next taking at the epoch");
        Assert.False(taking.IsCompleted);

        await transaction.CommitAsync();
        await using var newer = await taking;

        Assert.Equal(held.Epoch + 1, newer.Epoch);
        await using var later = await db.Database.BeginTransactionAsync();
        await Assert.ThrowsAsync<StaleEpochException>(() => held.DemandAsync(db, CancellationToken.None));
    }

    [Fact]
    public async Task BulkWrite_OutsideOfATransaction_IsRefused()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var held = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
        await using var db = held.OpenDb();

        await Assert.ThrowsAsync<InvalidOperationException>(() => db.GatewayStatuses.ExecuteDeleteAsync());

        await using var transaction = await db.Database.BeginTransactionAsync();
        Assert.Equal(0, await db.GatewayStatuses.ExecuteDeleteAsync());
    }

    [Fact]
    public async Task Retry_AfterSomebodyElseTookTheLock_DoesNotLeave()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = world.Service;
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        var waiting = await world.AddReplicaAsync(time: clock);
        await using var stale = await LocksOf(waiting).AcquireAsync("prod", CancellationToken.None);
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/stores", method = "POST", status = 429, retryAfter = "2", times = 1 });

        var call = CreateStoreAsync(waiting, stale);
        await other.EventuallyAsync(async () => (await world.WritesAsync()).Count == 1, "the attempt that is refused");
        await EndSessionsOfLocksAsync(world);
        await using var newer = await LocksOf(other).AcquireAsync("prod", CancellationToken.None);
        await other.EventuallyAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return call.IsCompleted;
            },
            "the end of the call");

        await Assert.ThrowsAsync<StaleEpochException>(() => call);
        Assert.Single(await world.WritesAsync());
        Assert.Equal(["pending"], await world.Database.QueryAsync<string>("select status from operations"));
        await other.Services.GetRequiredService<JournalRecovery>().RecoverAsync(newer, CancellationToken.None);
        Assert.Equal(["resolved"], await world.Database.QueryAsync<string>("select status from operations"));
    }

    [Fact]
    public async Task Call_OnTheWireWhenTheLockIsLost_IsFoundByALaterHolder()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = await world.AddReplicaAsync();
        var recovery = other.Services.GetRequiredService<JournalRecovery>();
        await using var stale = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
        var wire = world.Cloudflare.HoldNext("POST", "/stores");

        var call = CreateStoreAsync(world.Service, stale);
        await wire.ArrivedAsync();
        Assert.Equal(["pending"], await world.Database.QueryAsync<string>("select status from operations"));
        await EndSessionsOfLocksAsync(world);
        await using (var newer = await LocksOf(other).AcquireAsync("prod", CancellationToken.None))
        {
            await recovery.RecoverAsync(newer, CancellationToken.None);
            Assert.Equal(["resolved"], await world.Database.QueryAsync<string>("select status from operations"));
            Assert.Empty(await world.Database.QueryAsync<string>("select key from inventory"));
        }

        // It comes through, and its maker may not even note it.
        wire.Release();
        await Assert.ThrowsAsync<StaleEpochException>(() => call);
        Assert.Empty(await world.Database.QueryAsync<string>("select key from inventory"));
        await using var next = await LocksOf(other).AcquireAsync("prod", CancellationToken.None);
        await recovery.RecoverAsync(next, CancellationToken.None);

        Assert.Equal([Planner.StoreName], await world.Database.QueryAsync<string>("select key from inventory"));
    }

    [Fact]
    public async Task Pass_OvertakenBetweenLookAndWrite_ChangesNothingAndSaysSo()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        var second = await world.AddReplicaAsync();
        var look = world.Cloudflare.HoldNext("GET", "/gateways/prod");
        var looked = (await world.Cloudflare.ManagementRequestsAsync()).Count;

        var overtaken = world.Api.PostAsync(new Uri("/api/v1/reconcile", UriKind.Relative), content: null);
        await look.ArrivedAsync();
        await EndSessionsOfLocksAsync(world);
        await world.PostAsync("reconcile", "{}", api: second.Operator);
        look.Release();
        using var answer = await overtaken;

        // The first thing that it asked of its session was a read, or the proof.
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.ServiceUnavailable, HttpStatusCode.Conflict });
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Single((await world.Cloudflare.ManagementRequestsAsync()).Skip(looked), request => request.GetProperty("method").GetString() == "PUT");
        // Not a row of the epoch that was lost: one of the first apply, one of who overtook.
        Assert.Equal([1L, 3L], await world.Database.QueryAsync<long>("select epoch from runs order by epoch"));
        Assert.Equal([1L, 3L], await world.Database.QueryAsync<long>("select epoch from operations order by epoch"));
    }

    [Fact]
    public async Task Acquire_CrowdForOneGateway_LeavesTheHolderConnections()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var held = await LocksOf(world.Service).AcquireAsync("prod", CancellationToken.None);
        // More than the pool of the tests has connections.
        var crowd = Enumerable.Range(0, 40).Select(_ => PassThroughAsync(world.Service)).ToList();

        Assert.False((await world.GetAsync("gateways/prod/drift"))["drifted"]!.GetValue<bool>());
        await WriteStatusAsync(held);
        await held.DisposeAsync();
        await Task.WhenAll(crowd);

        Assert.Equal([41L], await world.Database.QueryAsync<long>("select epoch from gateway_epochs"));
    }

    internal static GatewayLocks LocksOf(TestService replica) => replica.Services.GetRequiredService<GatewayLocks>();

    internal static Task EndSessionsOfLocksAsync(ReconciliationWorld world) => world.Database.ExecuteAsync(
        "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())");

    private static Task CreateStoreAsync(TestService replica, GatewayLock held) => replica.Services.GetRequiredService<Journal>().CallAsync(
        held, new Step(Guid.CreateVersion7(), ObjectKind.SecretStore, Planner.StoreName, ChangeOp.Create, ""),
        token => replica.Services.GetRequiredService<CloudflareClient>().Secrets.CreateStoreAsync(Planner.StoreName, token), store => store.Id, CancellationToken.None);

    private static async Task PassThroughAsync(TestService replica)
    {
        await using (await LocksOf(replica).AcquireAsync("prod", CancellationToken.None))
        {
        }
    }

    private static async Task WriteStatusAsync(GatewayLock held)
    {
        await using var db = held.OpenDb();
        db.GatewayStatuses.Add(new GatewayStatusRow { Gateway = "prod", Conditions = "[]", Drift = "[]" });
        await db.SaveChangesAsync();
    }
}
