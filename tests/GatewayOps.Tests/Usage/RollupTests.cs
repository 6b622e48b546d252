using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.Tests.Usage;

/// <summary>Totals by hour and day are the records, each once.</summary>
public sealed class RollupTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 19, 0, 0, 0, TimeSpan.Zero);
    private TestDatabase _database = null!;
    private RequestRecordTable _table = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _table = new RequestRecordTable(_database.DataSource);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    /// <summary>Records over three days, and spans that begin and end anywhere: what the report says is what counting the records says.</summary>
    [Fact, Trait("checklist", "S1-05"), Trait("checklist", "S2-22")]
    public async Task Report_OfAnySpan_IsTheSumOfItsRecords()
    {
        var random = new Random(11);
        var records = Enumerable.Range(0, 600).Select(_ => AnyRecord(random)).OrderBy(record => record.At).ToList();
        foreach (var batch in records.Chunk(150))
        {
            await _table.WriteAsync(batch, CancellationToken.None);
        }

        var report = Report();
        for (var n = 0; n < 40; n++)
        {
            var from = Start.AddMinutes(random.Next(-100, 4320));
            DateTimeOffset? to = random.Next(3) == 0 ? null : from.AddMinutes(random.Next(1, random.Next(2) == 0 ? 90 : 4000));
            var by = UsageReport.Groupings.Keys.ElementAt(random.Next(UsageReport.Groupings.Count));
            string? gateway = random.Next(3) == 0 ? "gw-1" : null;
            // Where no record of the first hour is left, the whole hour counts: there is nothing in it here.
            var expected = records.Where(record => record.At >= from && record.At < (to ?? DateTimeOffset.MaxValue) && (gateway ?? record.Gateway) == record.Gateway).ToList();

            var usage = await report.ReadAsync(new UsageQuestion(by, from, to, gateway), CancellationToken.None);

            Assert.Equal(Told(expected), Told(usage.Total));
            Assert.Equal(
                expected.GroupBy(record => Group(record, by)).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (group.Key, Told(group.ToList()))),
                usage.Groups.OrderBy(group => group.Group, StringComparer.Ordinal).Select(group => (group.Group!, Told(group))));
            Assert.Equal(expected.Count(record => record.Cache == "hit"), usage.Hits.Sum(hits => hits.Hits));
            Assert.Equal(expected.Where(record => record.Cache == "hit").Sum(record => record.Tokens?.Input ?? 0), usage.Hits.Sum(hits => hits.Tokens.Input));
        }
    }

    /// <summary>Two replicas that write the same names in different orders.</summary>
    [Fact]
    public async Task Write_SeveralReplicasAtOnce_CountEachRecordOnce_WithoutDeadlock()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async replica =>
        {
            var (random, table) = (new Random(replica), new RequestRecordTable(_database.DataSource));
            for (var n = 0; n < 15; n++)
            {
                await table.WriteAsync([.. Enumerable.Range(0, 40).Select(_ => AnyRecord(random))], CancellationToken.None);
            }
        }));

        Assert.Equal([2400m, 2400m], await _database.QueryAsync<decimal>("select sum(requests) from usage_rollups group by grain"));
        Assert.Equal([4800L], await _database.QueryAsync<long>("select sum(c)::bigint from usage_rollups, unnest(latency) c"));
    }

    [Fact]
    public async Task Write_BatchThatIsThereAlready_CountsNothingTwice()
    {
        UsageRecord[] batch = [Records.New(1), Records.New(2)];
        await _table.WriteAsync(batch, CancellationToken.None);
        await Assert.ThrowsAsync<PostgresException>(() => _table.WriteAsync(batch, CancellationToken.None));

        Assert.Equal(2, (await AllAsync()).Requests);
    }

    /// <summary>Callers invent models. One key's noise takes no room from another's.</summary>
    [Fact]
    public async Task Names_BeyondTheBoundOfAKeyAndDay_AreOther()
    {
        for (var n = 0; n < 6; n++)
        {
            await _table.WriteAsync([.. Enumerable.Range(n * 100, 100).Select(i => Records.New(i) with { Model = $"invented-{i:000}", VirtualKey = "loud" })], CancellationToken.None);
        }

        await _table.WriteAsync([Records.New(1) with { Model = "gpt-4o", VirtualKey = "quiet" }, Records.New(2) with { Model = "invented-000", VirtualKey = "loud" }], CancellationToken.None);

        var usage = await Report().ReadAsync(new UsageQuestion("model", Start), CancellationToken.None);
        Assert.Equal((602, 502), (usage.Total.Requests, usage.Groups.Count));
        Assert.Equal((100, 2, 1), (Of("_other"), Of("invented-000"), Of("gpt-4o")));

        long Of(string model) => usage.Groups.Single(group => group.Group == model).Requests;
    }

    /// <summary>Upstreams choose these numbers. A sum that fails would lose the batch.</summary>
    [Fact]
    public async Task Write_HugeTokens_AreCounted()
    {
        await _table.WriteAsync([.. Enumerable.Range(0, 50).Select(i => Records.New(i) with { Tokens = new TokenUsage(1_000_000_000_000, 1_000_000_000_000), Duration = TimeSpan.FromDays(9) })], CancellationToken.None);

        Assert.Equal(50_000_000_000_000, (await AllAsync()).TokensIn);
    }

    /// <summary>Records from before there were totals, beside writers that go on.</summary>
    [Fact]
    public async Task Backlog_IsCountedOnce_WithWhatWasWrittenMeanwhile()
    {
        await _database.ExecuteAsync("alter table request_records disable trigger usage_roll_up");
        await _table.WriteAsync([.. Enumerable.Range(0, 30).Select(Records.New)], CancellationToken.None);
        await _database.ExecuteAsync("alter table request_records enable trigger usage_roll_up");
        await _database.ExecuteAsync("insert into usage_backlog values ('2026-11-21'), ('2026-11-01')");
        await _table.WriteAsync([.. Enumerable.Range(100, 20).Select(Records.New)], CancellationToken.None);
        await _table.WriteAsync([Records.New(1) with { At = Start }], CancellationToken.None);
        var before = await AllAsync();

        var store = new RollupStore(_database.DataSource);
        var job = new RollupJob(store, Options.Create(new RollupOptions()), new TestClock(), NullLogger<RollupJob>.Instance);
        await Task.WhenAll(job.RunAsync(CancellationToken.None), job.RunAsync(CancellationToken.None), _table.WriteAsync([.. Enumerable.Range(200, 10).Select(Records.New)], CancellationToken.None));

        Assert.Equal((1, 61), (before.Requests, (await AllAsync()).Requests));
        Assert.Empty(await store.BacklogAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Migration_OfADatabaseWithRecords_OwesTheirDays()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await using var db = await database.Contexts.CreateDbContextAsync();
        await db.GetService<IMigrator>().MigrateAsync("20261122012950_LogSources");
        // One day in a partition of its own, another in the default partition.
        await new RequestRecordTable(database.DataSource).WriteAsync([Records.New(1) with { At = Start }, Records.New(2)], CancellationToken.None);

        await db.GetService<IMigrator>().MigrateAsync();

        Assert.Equal([new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 19)], await new RollupStore(database.DataSource).BacklogAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Retention_HoursGoBeforeDays()
    {
        await _table.WriteAsync([Records.New(1) with { At = Start }, Records.New(2)], CancellationToken.None);
        var job = new RollupJob(
            new RollupStore(_database.DataSource), Options.Create(new RollupOptions { HourlyDays = 1, DailyDays = 30 }), new TestClock(), NullLogger<RollupJob>.Instance);

        await job.RunAsync(CancellationToken.None);
        Assert.Equal([1L, 2L], await _database.QueryAsync<long>("select sum(requests)::bigint from usage_rollups group by grain order by 1"));

        // What is left of the older day is the day: a span that begins within it begins with it.
        var usage = await new UsageReport(_database.DataSource, Options.Create(new RollupOptions { HourlyDays = 1 }), new TestClock()).ReadAsync(new UsageQuestion("day", Start.AddHours(5)), CancellationToken.None);
        Assert.Equal((Start, 2), (usage.Since, usage.Total.Requests));
    }

    /// <summary>A span that ends where finer totals are gone ends with the full hour or day: what was in it is not left out without a word.</summary>
    [Theory]
    [InlineData(1, "2026-11-20T00:00:00Z")]
    [InlineData(30, "2026-11-19T06:00:00Z")]
    public async Task Retention_SpanThatEndsWithinWhatIsLeft_EndsWithAllOfIt(int hourlyDays, string until)
    {
        await _table.WriteAsync([Records.New(1) with { At = Start.AddHours(5.2) }, Records.New(2) with { At = Start.AddHours(5.4) }], CancellationToken.None);
        await _database.ExecuteAsync("delete from request_records");
        var options = Options.Create(new RollupOptions { HourlyDays = hourlyDays });
        await new RollupJob(new RollupStore(_database.DataSource), options, new TestClock(), NullLogger<RollupJob>.Instance).RunAsync(CancellationToken.None);

        var usage = await new UsageReport(_database.DataSource, options, new TestClock()).ReadAsync(new UsageQuestion("provider", Start, Start.AddHours(5.5)), CancellationToken.None);

        Assert.Equal((2, DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture)), (usage.Total.Requests, usage.Until));
    }

    [Fact]
    public async Task Retention_DaysAreNotKeptForLess_ThanHours()
    {
        await _table.WriteAsync([Records.New(1) with { At = Start.AddHours(5) }], CancellationToken.None);
        var options = Options.Create(new RollupOptions { HourlyDays = 30, DailyDays = 1 });
        await new RollupJob(new RollupStore(_database.DataSource), options, new TestClock(), NullLogger<RollupJob>.Instance).RunAsync(CancellationToken.None);

        Assert.Equal(1, (await AllAsync()).Requests);
    }

    /// <summary>Prices of a file that a program has written: sums of their costs have more digits than a decimal holds.</summary>
    [Fact]
    public async Task Costs_AtAPriceOfManyDigits_CanBeRead()
    {
        var price = new ModelPrice("m", "openai", "m", 0.1428571428571428571428571429m, null, 1m, 1000);
        var cost = price.CostOf(new TokenUsage(9_999_999, 1));
        await _table.WriteAsync([.. Enumerable.Range(0, 100).Select(i => Records.New(i) with { CostUsd = cost })], CancellationToken.None);

        Assert.Equal(1.428572285714m, cost);
        Assert.Equal(100 * cost, (await AllAsync()).CostUsd);
    }

    /// <summary>S1-07: of 100 requests 40 are repetitions; they would have cost what the others did.</summary>
    [Fact, Trait("checklist", "S1-07")]
    public async Task Saving_IsWhatTheRepetitionsWouldHaveCost()
    {
        var prices = new PriceTable(Options.Create(new UsageOptions()));
        var tokens = new TokenUsage(1000, 200);
        var cost = prices.Find("openai", "gpt-4o")!.CostOf(tokens)!.Value;
        await _table.WriteAsync(
            [.. Enumerable.Range(0, 100).Select(i => Records.New(i) with { Provider = "openai", Model = "gpt-4o", Tokens = tokens, Cache = i < 60 ? "miss" : "hit", CostUsd = i < 60 ? cost : 0m })], CancellationToken.None);
        await _table.WriteAsync([Records.New(1) with { Model = "unknown", Cache = "hit", CostUsd = 0m }], CancellationToken.None);

        var (groups, total, saving) = Savings.Of(await Report().ReadAsync(new UsageQuestion("model", Start), CancellationToken.None), prices);

        Assert.Equal(0.0045m, cost); // 1000 × 2.50 and 200 × 10.00 dollars per million
        Assert.Equal(new SavingAnswer(41, 40 * cost, 100 * cost, 0.4m, 1), saving);
        Assert.Equal((40 * cost, 40 * cost, 60 * cost), (groups[0].SavedUsd, total.SavedUsd, total.CostUsd));
    }

    private UsageReport Report() => new(_database.DataSource, Options.Create(new RollupOptions()), new TestClock());

    private async Task<UsageGroup> AllAsync() => (await Report().ReadAsync(new UsageQuestion("provider", Start), CancellationToken.None)).Total;

    private static UsageRecord AnyRecord(Random random) => Records.New(random.Next(6)) with
    {
        At = Start.AddSeconds(random.Next(3 * 86_400)),
        Gateway = $"gw-{random.Next(3)}",
        Model = $"m-{random.Next(4)}",
        VirtualKey = random.Next(3) == 0 ? null : $"key-{random.Next(3)}",
        Outcome = Outcomes.All[random.Next(Outcomes.All.Count)],
        Cache = new[] { "hit", "miss", "bypass" }[random.Next(3)],
        Tokens = random.Next(4) == 0 ? null : new TokenUsage(random.Next(1000), random.Next(1000), random.Next(10), random.Next(10)),
        CostUsd = random.Next(4) == 0 ? null : random.Next(10_000) / 1_000_000m,
        Attempts = random.Next(4),
        Stream = random.Next(2) == 0,
    };

    private static string Group(UsageRecord record, string by) => by switch
    {
        "provider" => record.Provider,
        "model" => record.Model,
        "gateway" => record.Gateway,
        "key" => record.VirtualKey ?? "",
        "hour" => record.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH':00:00Z'"),
        _ => record.At.UtcDateTime.ToString("yyyy-MM-dd"),
    };

    private static (int, long, long, decimal, int, int, int, int, int) Told(IReadOnlyList<UsageRecord> records) => (
        records.Count, records.Sum(record => record.Tokens?.Input ?? 0), records.Sum(record => record.Tokens?.Output ?? 0), records.Sum(record => record.CostUsd ?? 0),
        records.Count(record => record.Cache == "hit"), records.Count(record => record.Outcome is not (Outcomes.Ok or Outcomes.Cancelled)), records.Count(record => record.Stream),
        records.Count(record => record.Attempts > 1 && record.Outcome == Outcomes.Ok), records.Sum(record => record.Attempts));

    private static (int, long, long, decimal, int, int, int, int, int) Told(UsageGroup group) => (
        (int)group.Requests, group.TokensIn, group.TokensOut, group.CostUsd, (int)group.CacheHits, (int)group.Errors, (int)group.Streams, (int)group.Fallbacks, (int)group.Attempts);
}
