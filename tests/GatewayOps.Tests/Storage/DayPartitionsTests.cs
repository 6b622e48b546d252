using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Tests.Storage;

public sealed class DayPartitionsTests
{
    private static readonly DayPartitions Records = DayPartitions.RequestRecords;
    private static readonly DateOnly Day = new(2031, 5, 4);
    private static readonly DateTimeOffset Noon = new(2031, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Migrate_MakesTheDaysToComeForEveryTable()
    {
        await using var database = await TestDatabase.CreateAsync();
        var today = DayPartitions.DayOf(TimeProvider.System.GetUtcNow());

        foreach (var partitions in DayPartitions.All)
        {
            var days = await partitions.DaysAsync(database.DataSource, CancellationToken.None);
            Assert.Contains(today, days);
            Assert.Contains(today.AddDays(1), days);
        }
    }

    [Fact]
    public async Task Copy_DayWithoutPartition_KeepsTheRowAndEnsureMovesIt()
    {
        await using var database = await TestDatabase.CreateAsync();
        await CopyAsync(database.DataSource, Noon, Noon.AddDays(1));
        Assert.Equal([Records.Default], await WhereAsync(database, Noon));

        await Records.EnsureAsync(database.DataSource, Day, CancellationToken.None);

        Assert.Equal([Records.NameOf(Day)], await WhereAsync(database, Noon));
        Assert.Equal([Records.Default], await WhereAsync(database, Noon.AddDays(1)));
    }

    [Fact]
    public async Task Ensure_FirstAndLastInstantOfTheDay_AreInIt()
    {
        await using var database = await TestDatabase.CreateAsync();
        await Records.EnsureAsync(database.DataSource, Day, CancellationToken.None);
        var first = Noon.AddHours(-12);
        var last = first.AddDays(1).AddMicroseconds(-1);

        await CopyAsync(database.DataSource, first.AddMicroseconds(-1), first, last, last.AddMicroseconds(1));

        Assert.Equal([Records.NameOf(Day)], await WhereAsync(database, first));
        Assert.Equal([Records.NameOf(Day)], await WhereAsync(database, last));
        Assert.Equal([Records.Default], await WhereAsync(database, first.AddMicroseconds(-1)));
        Assert.Equal([Records.Default], await WhereAsync(database, last.AddMicroseconds(1)));
    }

    [Fact]
    public async Task Ensure_ManyAtOnceUnderInserts_LosesNothing()
    {
        await using var database = await TestDatabase.CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => i % 3 == 0
            ? Records.EnsureAsync(database.DataSource, Day, CancellationToken.None)
            : CopyAsync(database.DataSource, [.. Enumerable.Range(0, 200).Select(n => Noon.AddSeconds(n))]))));

        Assert.Equal([8 * 200L], await database.QueryAsync<long>("select count(*) from request_records"));
        Assert.Equal([0L], await database.QueryAsync<long>($"select count(*) from {Records.Default}"));
    }

    [Fact]
    public async Task Ensure_LongQueryInTheWay_GivesUpAndRowsStillArrive()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var reader = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await using var query = new NpgsqlCommand("select count(*) from request_records", reader, transaction);
        await query.ExecuteScalarAsync();

        Assert.False(await Records.EnsureAsync(database.DataSource, Day, CancellationToken.None));

        await CopyAsync(database.DataSource, Noon);
        Assert.Equal([Records.Default], await WhereAsync(database, Noon));
        await transaction.RollbackAsync();
        Assert.True(await Records.EnsureAsync(database.DataSource, Day, CancellationToken.None));
        Assert.Equal([Records.NameOf(Day)], await WhereAsync(database, Noon));
    }

    [Fact]
    public async Task Ensure_NewPartition_HasTheIndexesOfItsTable()
    {
        await using var database = await TestDatabase.CreateAsync();
        await Records.EnsureAsync(database.DataSource, Day, CancellationToken.None);

        const string Indexes = "select count(*) from pg_index where indrelid = $1::regclass";
        Assert.Equal(await database.QueryAsync<long>(Indexes, Records.Table), await database.QueryAsync<long>(Indexes, Records.NameOf(Day)));
    }

    [Fact]
    public async Task DropBefore_RemovesOldDaysAndOldStraysOnly()
    {
        await using var database = await TestDatabase.CreateAsync();
        await Records.EnsureAsync(database.DataSource, Day, CancellationToken.None);
        await Records.EnsureAsync(database.DataSource, Day.AddDays(1), CancellationToken.None);
        var today = await Records.DaysAsync(database.DataSource, CancellationToken.None);
        await CopyAsync(database.DataSource, Noon.AddYears(-30), Noon, Noon.AddDays(1), Noon.AddDays(2));

        await Records.DropBeforeAsync(database.DataSource, Day.AddDays(1), CancellationToken.None);

        Assert.Equal([Day.AddDays(1)], await Records.DaysAsync(database.DataSource, CancellationToken.None));
        Assert.True(today.Count > 2);
        Assert.Equal(
            [Noon.AddDays(1).UtcDateTime, Noon.AddDays(2).UtcDateTime],
            await database.QueryAsync<DateTime>("select at from request_records order by at"));
    }

    private static async Task CopyAsync(NpgsqlDataSource source, params DateTimeOffset[] times)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync("""
            copy request_records (id, at, request_id, method, path, gateway, provider, model, status, outcome, duration_ms, stream, cache_status, attempts, revision)
            from stdin (format binary)
            """);
        foreach (var time in times)
        {
            await copy.WriteRowAsync(default, Guid.NewGuid(), time, "r", "POST", "/", "g", "p", "m", 200, "ok", 1.0, false, "miss", 1, "1");
        }
        await copy.CompleteAsync();
    }

    private static Task<IReadOnlyList<string>> WhereAsync(TestDatabase database, DateTimeOffset at) =>
        database.QueryAsync<string>("select tableoid::regclass::text from request_records where at = $1", at);
}
