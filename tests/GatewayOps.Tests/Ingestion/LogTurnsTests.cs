using System.Net.Http.Json;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Ingestion;

/// <summary>Pages that move, gateways that take turns, sources that are not there, rows that are gone, stretches of the past.</summary>
public sealed class LogTurnsTests
{
    private static readonly Actor Somebody = new("somebody", "none");

    [Fact]
    public async Task Poll_MoreThanAPageOfOneTime_InsertsEachOnce()
    {
        await using var gateway = await PolledGateway.StartAsync();
        var ids = Enumerable.Range(0, 130).Select(i => gateway.Log(i is > 10 and < 120 ? 60 : 60 + (i * 0.001))).ToHashSet();

        Assert.Equal(130, await gateway.PollAsync());

        Assert.Equal(ids, (await gateway.StoredAsync()).ToHashSet());
    }

    [Fact]
    public async Task Poll_PagesInDisorderWithRowsTwice_InsertsEachOnce()
    {
        await using var gateway = await PolledGateway.StartAsync();
        using var set = await gateway.Emulator.Admin.PutAsJsonAsync("logs/weather", new { shuffle = true, repeat = true });
        set.EnsureSuccessStatusCode();
        var ids = Enumerable.Range(0, 180).Select(i => gateway.Log(i)).ToHashSet();

        Assert.Equal(180, await gateway.PollAsync());

        Assert.Equal(ids, (await gateway.StoredAsync()).ToHashSet());
    }

    /// <summary>The log deletes its oldest while it is read: pages by number would jump over rows.</summary>
    [Fact]
    public async Task Poll_RowsDeletedBetweenPages_LosesNoneThatIsThere()
    {
        await using var gateway = await PolledGateway.StartAsync();
        var ids = Enumerable.Range(0, 120).Select(i => gateway.Log(i)).ToList();
        var source = new LogsApiSource(gateway.Cloudflare);
        var first = await source.ReadAsync(new LogRange(PolledGateway.Id, gateway.Start.AddSeconds(-1)), CancellationToken.None);

        gateway.DeleteOldest(40);
        var seen = first.Rows.Select(row => row.Id).ToHashSet();
        for (var rest = first.Rest; rest is not null;)
        {
            var page = await source.ReadAsync(rest, CancellationToken.None);
            seen.UnionWith(page.Rows.Select(row => row.Id));
            rest = page.Rest;
        }

        Assert.Equal(ids.ToHashSet(), seen);
    }

    [Fact]
    public async Task Poll_ManyGateways_TakeTurnsPageByPage()
    {
        await using var gateway = await PolledGateway.StartAsync();
        string[] all = [PolledGateway.Id, "small-1", "small-2"];
        foreach (var small in all[1..])
        {
            await gateway.Emulator.CreateGatewayAsync(small);
            gateway.LogOf(small, 1);
        }

        for (var i = 0; i < 1000; i++)
        {
            gateway.Log(i);
        }

        await gateway.Poller.PollAsync(all, TimeSpan.FromMinutes(1), CancellationToken.None);

        // Four calls are under way at once, and only one of a gateway: each small one had its first turn with the first page of the big one, not behind its twenty.
        var asked = (await gateway.Emulator.ManagementRequestsAsync()).Select(request => request.GetProperty("path").GetString()!).Where(path => path.EndsWith("/logs", StringComparison.Ordinal)).Select(path => path.Split('/')[^2]).ToList();
        Assert.All(all, one => Assert.InRange(asked.IndexOf(one), 0, 4));
        Assert.Equal(1002, (await gateway.StoredAsync()).Count);
        Assert.All(await gateway.Feeds.FeedsAsync(null, CancellationToken.None), feed => Assert.Equal(0, feed.Backlog));
    }

    /// <summary>A call a second: the backlog of the one takes a minute, and the other is polled every ten seconds of it.</summary>
    [Fact]
    public async Task Poll_WhileOneHasABacklog_TheOtherIsPolledAtEachInterval()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var gateway = await PolledGateway.StartAsync(new() { CallsPerFiveMinutes = 300, Interval = TimeSpan.FromSeconds(10) }, time: clock);
        await gateway.Emulator.CreateGatewayAsync("small");
        gateway.LogOf("small", 1);
        for (var i = 0; i < 3000; i++)
        {
            gateway.Log(i * 0.1);
        }

        await clock.RunAsync(gateway.Poller.PollAsync([PolledGateway.Id, "small"], TimeSpan.FromMinutes(5), CancellationToken.None));

        var asked = (await gateway.Emulator.ManagementRequestsAsync()).Select(request => request.GetProperty("path").GetString()!).Where(path => path.EndsWith("/logs", StringComparison.Ordinal)).Select(path => path.Split('/')[^2]).ToList();
        Assert.InRange(asked.Count(one => one == PolledGateway.Id), 60, 63); // each page begins with the last row of the one before
        Assert.InRange(asked.Count(one => one == "small"), 5, 7);
        Assert.Equal(3001, (await gateway.StoredAsync()).Count);
    }

    [Fact]
    public async Task Poll_TimeIsUp_SaysHowMuchIsLeft()
    {
        await using var gateway = await PolledGateway.StartAsync();
        for (var i = 0; i < 300; i++)
        {
            gateway.Log(i);
        }

        var page = await new LogsApiSource(gateway.Cloudflare).ReadAsync(new LogRange(PolledGateway.Id, gateway.Start.AddSeconds(-1)), CancellationToken.None);

        Assert.Equal((50, 250L), (page.Rows.Count, page.Backlog));
    }

    /// <summary>Busy: what is young is read again once, when it is old enough, and not with every poll.</summary>
    [Fact]
    public async Task Poll_BusyGateway_ReadsTheOverlapOnceMoreAndFindsTheLateRow()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var gateway = await PolledGateway.StartAsync(new() { Overlap = TimeSpan.FromMinutes(25) }, time: clock);
        for (var i = 0; i < 600; i++)
        {
            gateway.Log(i); // half an hour to twenty minutes ago: old enough, and young
        }

        Assert.Equal((600, 13), (await gateway.PollAsync(), await CallsAsync()));
        var late = gateway.Log(400.5);
        var gone = gateway.Log(100.5); // later than the overlap allows
        Assert.Equal((0, 1), (await gateway.PollAsync(), await CallsAsync()));

        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((1, 8), (await gateway.PollAsync(), await CallsAsync())); // one for what is new, seven for what was young
        Assert.Equal((0, 1), (await gateway.PollAsync(), await CallsAsync()));
        Assert.Contains(late, await gateway.StoredAsync());
        Assert.DoesNotContain(gone, await gateway.StoredAsync());

        async Task<int> CallsAsync()
        {
            var calls = (await gateway.Emulator.ManagementRequestsAsync()).Count(request => request.GetProperty("path").GetString()!.EndsWith("/logs", StringComparison.Ordinal));
            using var forgotten = await gateway.Emulator.Admin.DeleteAsync("management/requests");
            return calls;
        }
    }

    /// <summary>Filters by time leave out the very millisecond that they name: where one reading of what was young ends, the next begins before it.</summary>
    [Fact]
    public async Task Poll_BusyGateway_LateRowOfTheMillisecondBetweenTwoReadings_IsFound()
    {
        var now = TimeProvider.System.GetUtcNow();
        var clock = new TestClock(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond)));
        await using var gateway = await PolledGateway.StartAsync(time: clock);
        for (var i = 0; i < 600; i++)
        {
            gateway.Log(1200 + i); // the last ten minutes
        }

        await gateway.PollAsync();
        clock.Advance(TimeSpan.FromMinutes(2));
        var late = gateway.Log((clock.GetUtcNow() - new IngestionOptions().Overlap - gateway.Start).TotalSeconds + 0.0001);
        await gateway.PollAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        await gateway.PollAsync();

        Assert.Contains(late, await gateway.StoredAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Auto_AccountWithoutLegacyLogs_IsReadByTheTelemetryQuery(bool isRefused)
    {
        await using var gateway = await PolledGateway.StartAsync(emulator: new EmulatorOptions { Assumptions = new() { LogsAreLegacy = isRefused } });
        if (isRefused)
        {
            await gateway.Emulator.SetManagementFaultAsync(new { path = "**/logs", status = 410 });
        }

        var ids = Enumerable.Range(0, 7).Select(i => gateway.Log(1785 + i, i == 3 ? """{"request_id":"r/2"}""" : null)).ToList();

        Assert.Equal(7, await gateway.PollAsync());
        var late = gateway.Log(1789.5);
        Assert.Equal(1, await gateway.PollAsync());

        Assert.Equal(ids.Append(late).ToHashSet(), (await gateway.StoredAsync()).ToHashSet());
        Assert.Equal(["telemetry r 2 200 openai gpt-4o-mini chat/completions 3 5 0.25 12"], await gateway.Database.QueryAsync<string>(
            "select concat_ws(' ', source, request_id, attempt, status_code, provider, model, path, tokens_in, tokens_out, cost_usd, duration_ms) from gateway_logs where request_id is not null"));
    }

    /// <summary>A window of the query that ends in the time to come says nothing of that: the cursor is the newest row's time, and what comes next is found by the next poll.</summary>
    [Fact]
    public async Task Telemetry_WindowEndsInTheTimeToCome_NextRowIsFoundAtOnce()
    {
        await using var gateway = await PolledGateway.StartAsync(new() { Source = LogSources.Telemetry, Lookback = TimeSpan.FromMinutes(6) });
        for (var i = 0; i < LogPoller.Calm + 20; i++)
        {
            gateway.Log(1700 + (i * 0.1));
        }

        await gateway.PollAsync();
        gateway.Log(1790);

        Assert.Equal(1, await gateway.PollAsync());
    }

    /// <summary>Of one moment more events than a page of the telemetry query holds, and more before and after it: the pages of its window are asked for by the last event's id.</summary>
    [Fact]
    public async Task Telemetry_MoreThanAPageOfOneTime_InsertsEachOnce()
    {
        await using var gateway = await PolledGateway.StartAsync(new() { Source = LogSources.Telemetry });
        var ids = Enumerable.Range(0, 2300).Select(i => gateway.Log(i is > 100 and < 2200 ? 1500 : 1500 + ((i - 1000) * 0.01))).ToHashSet();

        Assert.Equal(2300, await gateway.PollAsync());

        Assert.Equal(ids, (await gateway.StoredAsync()).ToHashSet());
        Assert.Equal([2300L], await gateway.Database.QueryAsync<long>("select count(*) from gateway_logs"));
    }

    [Fact]
    public async Task Poll_RowsAreGoneThatWereRead_IsAGapOnceAndNoMore()
    {
        await using var gateway = await PolledGateway.StartAsync();
        var last = Enumerable.Range(0, 10).Select(i => gateway.Log(i)).Last();
        await gateway.PollAsync();
        await gateway.PollAsync();
        Assert.Empty(await gateway.Feeds.GapsAsync(null, CancellationToken.None));

        gateway.DeleteOldest(10);
        gateway.Log(100);
        await gateway.PollAsync();
        await gateway.PollAsync();

        var gap = Assert.Single(await gateway.Feeds.GapsAsync(PolledGateway.Id, CancellationToken.None));
        Assert.Equal((gateway.Start.AddSeconds(9).ToUnixTimeMilliseconds(), gateway.Start.AddSeconds(100).ToUnixTimeMilliseconds()), (gap.FromAt.ToUnixTimeMilliseconds(), gap.ToAt.ToUnixTimeMilliseconds()));
        Assert.Contains(last, await gateway.StoredAsync());
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("telemetry")]
    public async Task Backfill_ReadsItsStretchAndTellsHowFarItIs(string source)
    {
        await using var gateway = await PolledGateway.StartAsync();
        var ids = Enumerable.Range(0, 300).Select(i => gateway.Log(i)).ToList();
        var asked = await gateway.Backfills.AddAsync(PolledGateway.Id, source, gateway.Start.AddSeconds(100), gateway.Start.AddSeconds(250), Somebody, CancellationToken.None);
        Assert.Equal(("running", 0L), (asked!.Status, asked.RowsRead));

        await gateway.Poller.PollAsync([], TimeSpan.FromMinutes(1), CancellationToken.None);

        var done = (await gateway.Backfills.FindAsync(asked.Id, CancellationToken.None))!;
        Assert.Equal(("succeeded", true), (done.Status, done.FinishedAt is not null));
        Assert.InRange(done.RowsAdded, 150, 151); // the telemetry query's ends are included
        Assert.Subset((await gateway.StoredAsync()).ToHashSet(), ids[100..250].ToHashSet());
        Assert.Null(await gateway.ThroughAsync(source)); // polling goes on from where it was
    }

    [Fact]
    public async Task Backfill_Cancelled_ReadsNoMore()
    {
        await using var gateway = await PolledGateway.StartAsync();
        gateway.Log(1);
        var asked = await gateway.Backfills.AddAsync(PolledGateway.Id, "logs", gateway.Start, gateway.Start.AddHours(1), Somebody, CancellationToken.None);
        Assert.Equal("cancelled", (await gateway.Backfills.CancelAsync(asked!.Id, Somebody, CancellationToken.None))!.Status);

        await gateway.Poller.PollAsync([], TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Empty(await gateway.StoredAsync());
    }

    [Fact]
    public async Task Backfill_CloudflareRefuses_FailsForGood_AndWaitsOtherwise()
    {
        await using var gateway = await PolledGateway.StartAsync();
        gateway.Log(1);
        var missing = await gateway.Backfills.AddAsync("nobody", "logs", gateway.Start, gateway.Start.AddHours(1), Somebody, CancellationToken.None);
        var broken = await gateway.Backfills.AddAsync(PolledGateway.Id, "logs", gateway.Start, gateway.Start.AddHours(1), Somebody, CancellationToken.None);
        await gateway.Emulator.SetManagementFaultAsync(new { path = $"**/{PolledGateway.Id}/logs", status = 500, times = 1 });

        await gateway.Poller.PollAsync([], TimeSpan.FromMinutes(1), CancellationToken.None);
        var (first, second) = (await gateway.Backfills.FindAsync(missing!.Id, CancellationToken.None), await gateway.Backfills.FindAsync(broken!.Id, CancellationToken.None));
        await gateway.Poller.PollAsync([], TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Equal(("failed", "running", true), (first!.Status, second!.Status, second.Error is not null));
        Assert.Equal("succeeded", (await gateway.Backfills.FindAsync(broken.Id, CancellationToken.None))!.Status);
    }

    /// <summary>No other try helps: the backfill has ended, and says why.</summary>
    [Fact]
    public async Task Backfill_ItsRowsCannotBeStored_FailsForGood()
    {
        await using var gateway = await PolledGateway.StartAsync();
        await gateway.Database.ExecuteAsync("alter table gateway_logs add constraint impossible check (gateway <> 'polled')");
        gateway.Log(1);
        var asked = await gateway.Backfills.AddAsync(PolledGateway.Id, "logs", gateway.Start, gateway.Start.AddHours(1), Somebody, CancellationToken.None);

        await gateway.Poller.PollAsync([], TimeSpan.FromMinutes(1), CancellationToken.None);

        var ended = (await gateway.Backfills.FindAsync(asked!.Id, CancellationToken.None))!;
        Assert.Equal(("failed", true), (ended.Status, ended.FinishedAt is not null));
        Assert.Contains("cannot be stored", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_AskedFor_AreFetchedOnceAndRedacted()
    {
        await using var gateway = await PolledGateway.StartAsync(new() { Bodies = true, Redact = "messages.*.content" });
        gateway.Log(1, body: """{"messages":[{"role":"user","content":"my secret"}]}""");
        gateway.Log(2);
        await gateway.PollAsync();

        for (var i = 0; i < 2; i++)
        {
            await gateway.Poller.PollAsync([PolledGateway.Id], TimeSpan.FromMinutes(1), CancellationToken.None);
        }

        Assert.Equal(["", """{"messages":[{"role":"user","content":"[redacted]"}]}"""], await gateway.Database.QueryAsync<string>("select coalesce(request, '') from gateway_log_bodies order by 1"));
        Assert.Equal(4, (await gateway.Emulator.ManagementRequestsAsync()).Count(request => request.GetProperty("path").GetString()!.Split('/')[^1] is "request" or "response"));
    }

    [Fact]
    public async Task Pace_AllowsAFewAtOnceAndTheBudgetAltogether()
    {
        var clock = new TestClock();
        var pace = new CallPace(1200, clock);
        var started = clock.GetUtcNow();

        for (var i = 0; i < 21; i++)
        {
            await pace.WaitAsync(CancellationToken.None);
        }

        Assert.Equal(started, clock.GetUtcNow());
        for (var i = 0; i < 1200; i++)
        {
            await clock.RunAsync(pace.WaitAsync(CancellationToken.None));
        }

        Assert.InRange((clock.GetUtcNow() - started).TotalSeconds, 299, 301);
    }
}
