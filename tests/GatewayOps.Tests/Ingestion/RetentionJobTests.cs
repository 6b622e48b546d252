using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Ingestion;

public sealed class RetentionJobTests
{
    [Fact]
    public async Task Run_DropsWhatIsPastItsTimeAndMakesTheDaysToCome()
    {
        await using var database = await TestDatabase.CreateAsync();
        var clock = new TestClock(new DateTimeOffset(2031, 1, 31, 15, 0, 0, TimeSpan.Zero));
        var today = new DateOnly(2031, 1, 31);
        for (var age = 0; age < 5; age++)
        {
            await DayPartitions.GatewayLogs.EnsureAsync(database.DataSource, today.AddDays(-age), CancellationToken.None);
            await DayPartitions.RequestRecords.EnsureAsync(database.DataSource, today.AddDays(-age), CancellationToken.None);
        }
        var options = Options.Create(new IngestionOptions { LogDays = 1, RequestRecordDays = 3 });
        foreach (var age in new[] { 1, 2 })
        {
            await database.ExecuteAsync("insert into gateway_log_keys (key, gateway, source, id, created_at) values (gen_random_uuid(), 'g', 'logs', $1, $2)", $"{age} days", clock.GetUtcNow().AddDays(-age));
        }

        await new RetentionJob(database.DataSource, new FeedStore(database.Contexts, clock), options, clock, NullLogger<RetentionJob>.Instance).RunAsync(CancellationToken.None);

        Assert.Equal(Days(today.AddDays(-1), today.AddDays(2)), await DayPartitions.GatewayLogs.DaysAsync(database.DataSource, CancellationToken.None));
        Assert.Equal(["1 days"], await database.QueryAsync<string>("select id from gateway_log_keys"));
        Assert.Equal(Days(today.AddDays(-3), today.AddDays(2)), await DayPartitions.RequestRecords.DaysAsync(database.DataSource, CancellationToken.None));
    }

    private static IEnumerable<DateOnly> Days(DateOnly first, DateOnly last) =>
        Enumerable.Range(first.DayNumber, last.DayNumber - first.DayNumber + 1).Select(DateOnly.FromDayNumber);
}
