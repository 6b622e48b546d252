using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.Tests.Usage;

public sealed class UsageWriterTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly TestClock _clock = new();
    private readonly UsageMetrics _metrics;
    private long _dropped;

    public UsageWriterTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _dropped, value));
        _listener.Start();
        _metrics = new UsageMetrics(meters);
    }

    [Fact]
    public async Task Stop_RecordsQueued_AreWrittenFirst()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (recorder, writer) = Make(database.DataSource, new UsageOptions { BatchSize = 300 });
        for (var i = 0; i < 1000; i++)
        {
            recorder.TryWrite(Records.New(i));
        }

        await writer.StartAsync(CancellationToken.None);
        await writer.StopAsync(CancellationToken.None);

        Assert.Equal([1000L], await database.QueryAsync<long>("select count(*) from request_records"));
        Assert.Equal(0, _dropped);
    }

    [Fact]
    public async Task Write_DayWithoutAPartition_GetsOne()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (recorder, writer) = Make(database.DataSource);
        recorder.TryWrite(Records.New(1) with { At = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.FromHours(2)) });

        await writer.StartAsync(CancellationToken.None);
        await writer.StopAsync(CancellationToken.None);

        Assert.Equal(["request_records_20310203"], await database.QueryAsync<string>("select tableoid::regclass::text from request_records"));
    }

    [Fact]
    public async Task Write_DatabaseBackInTime_LosesNothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("alter table request_records rename to away");
        var (recorder, writer) = Make(database.DataSource);
        recorder.TryWrite(Records.New(1));

        await writer.StartAsync(CancellationToken.None);
        await _clock.TimerAsync();
        await database.ExecuteAsync("alter table away rename to request_records");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await writer.StopAsync(CancellationToken.None);

        Assert.Equal([1L], await database.QueryAsync<long>("select count(*) from request_records"));
        Assert.Equal(0, _dropped);
    }

    [Fact]
    public async Task Write_TheWordOfItWasLost_TheRecordsAreThereOnceAndNoneIsCountedAsDropped()
    {
        await using var database = await TestDatabase.CreateAsync();
        UsageRecord[] batch = [Records.New(1), Records.New(2)];
        await new RequestRecordTable(database.DataSource).WriteAsync(batch, CancellationToken.None);
        var (recorder, writer) = Make(database.DataSource);
        Assert.All(batch, record => recorder.TryWrite(record));

        await writer.StartAsync(CancellationToken.None);
        await writer.StopAsync(CancellationToken.None);

        Assert.Equal([2L], await database.QueryAsync<long>("select count(*) from request_records"));
        Assert.Equal(0, _dropped);
    }

    /// <summary>What is there twice is something else: these records are not written yet.</summary>
    [Fact]
    public async Task Write_AnotherTableHasSomethingTwice_IsTriedAgainAndLosesNothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("""
            create table other (id int primary key);
            insert into other values (1);
            create function twice() returns trigger language plpgsql as $$ begin insert into other values (1); return new; end $$;
            create trigger twice before insert on request_records for each row execute function twice();
            """);
        var (recorder, writer) = Make(database.DataSource);
        recorder.TryWrite(Records.New(1));

        await writer.StartAsync(CancellationToken.None);
        await _clock.TimerAsync();
        await database.ExecuteAsync("drop trigger twice on request_records");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await writer.StopAsync(CancellationToken.None);

        Assert.Equal([1L], await database.QueryAsync<long>("select count(*) from request_records"));
        Assert.Equal(0, _dropped);
    }

    [Fact, Trait("checklist", "S2-20")]
    public async Task Write_DatabaseStaysAway_DropsAndCountsAfterAWhile()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=9;Username=x;Password=y");
        var (recorder, writer) = Make(nowhere, new UsageOptions { RetryFor = TimeSpan.FromSeconds(30) });
        recorder.TryWrite(Records.New(1));
        recorder.TryWrite(Records.New(2));
        var started = _clock.GetUtcNow();

        await writer.StartAsync(CancellationToken.None);
        while (Interlocked.Read(ref _dropped) == 0)
        {
            await Task.WhenAny(_clock.TimerAsync(), Task.Delay(20));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await writer.StopAsync(CancellationToken.None);
        Assert.Equal(2, _dropped);
        Assert.True(_clock.GetUtcNow() - started >= TimeSpan.FromSeconds(20), $"gave up after {_clock.GetUtcNow() - started}");
    }

    [Fact]
    public async Task Stop_WithoutADatabase_DoesNotWait()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=9;Username=x;Password=y");
        var (recorder, writer) = Make(nowhere);
        recorder.TryWrite(Records.New(1));

        await writer.StartAsync(CancellationToken.None);
        // The clock stands still: a wait for a retry would never end.
        await writer.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(1, _dropped);
    }

    [Fact]
    public async Task TryWrite_QueueFull_DropsAndCounts()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=9");
        var (recorder, _) = Make(nowhere, new UsageOptions { QueueLength = 2 });

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(i => recorder.TryWrite(Records.New(i))));
        Assert.Equal(1, _dropped);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private (UsageRecorder Recorder, UsageWriter Writer) Make(NpgsqlDataSource database, UsageOptions? options = null)
    {
        var chosen = Options.Create(options ?? new UsageOptions());
        var recorder = new UsageRecorder(chosen, _metrics);
        return (recorder, new UsageWriter(recorder, new RequestRecordTable(database), new UsageLedger(_clock), _metrics, chosen, _clock, NullLogger<UsageWriter>.Instance));
    }
}
