using System.Net;
using System.Net.Sockets;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.Tests.Storage;

public sealed class MigratorTests
{
    [Fact, Trait("checklist", "S2-21")]
    public async Task Apply_FourReplicasAtOnceOnAnEmptyDatabase_AllSucceed()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        var sources = Enumerable.Range(0, 4).Select(_ => NpgsqlDataSource.Create(database.ConnectionString)).ToList();

        await Task.WhenAll(sources.Select(source => Task.Run(() => TestDatabases.MigratorOf(source).ApplyAsync(CancellationToken.None))));

        await using var db = await database.Contexts.CreateDbContextAsync();
        Assert.Equal(db.Database.GetMigrations(), await db.Database.GetAppliedMigrationsAsync());
        Assert.Empty(await database.QueryAsync<int>("select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"));
        foreach (var source in sources)
        {
            await source.DisposeAsync();
        }
    }

    [Fact]
    public async Task KnownMigrations_AreThoseOfEfCore_AndOneThatIsMissingIsNoticed()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var db = await database.Contexts.CreateDbContextAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();

        Assert.Equal(db.Database.GetMigrations(), KnownMigrations.Ids);
        Assert.Empty(await KnownMigrations.PendingAsync(connection, CancellationToken.None));
        await database.ExecuteAsync("delete from \"__EFMigrationsHistory\" where \"MigrationId\" = $1", KnownMigrations.Ids[^1]);
        Assert.Equal([KnownMigrations.Ids[^1]], await KnownMigrations.PendingAsync(connection, CancellationToken.None));
    }

    [Fact, Trait("checklist", "S2-21")]
    public async Task Start_OnAnEmptyDatabase_LogsNoError()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();

        await using var service = await TestService.StartAsync(database);

        Assert.DoesNotContain(service.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_WhileAnotherReplicaMigrates_Waits()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await using var other = await database.DataSource.OpenConnectionAsync();
        await using var take = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('gatewayops.migrate', 0))", other);
        await take.ExecuteNonQueryAsync();

        var migration = TestDatabases.MigratorOf(database.DataSource).ApplyAsync(CancellationToken.None);
        while ((await database.QueryAsync<int>("select 1 from pg_locks where locktype = 'advisory' and not granted")).Count == 0)
        {
            Assert.False(migration.IsCompleted);
        }
        Assert.Empty(await database.QueryAsync<string>("select table_name::text from information_schema.tables where table_schema = 'public'"));

        await using var give = new NpgsqlCommand("select pg_advisory_unlock(hashtextextended('gatewayops.migrate', 0))", other);
        await give.ExecuteNonQueryAsync();
        await migration;
        Assert.NotEmpty(await database.QueryAsync<string>("select table_name::text from information_schema.tables where table_schema = 'public'"));
    }

    [Fact]
    public async Task Apply_Twice_ChangesNothingTheSecondTime()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("insert into rule_sets (name, latest_revision, created_at) values ('kept', 1, now())");

        await TestDatabases.MigratorOf(database.DataSource).ApplyAsync(CancellationToken.None);

        Assert.Equal(["kept"], await database.QueryAsync<string>("select name from rule_sets"));
    }

    [Fact]
    public async Task Apply_NobodyListens_SaysWhereAndWhatToDo()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=u;Password=hunter2;Database=d");

        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => TestDatabases.MigratorOf(source).ApplyAsync(CancellationToken.None));

        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:GatewayOps", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(refused.Message, StartFailure.Explain(refused));
    }

    [Fact]
    public async Task Apply_DatabaseDoesNotExist_SaysToCreateIt()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString + ";Database=no_such_database");

        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => TestDatabases.MigratorOf(source).ApplyAsync(CancellationToken.None));

        Assert.Contains("no_such_database): create it", refused.Message, StringComparison.Ordinal);
    }
}
