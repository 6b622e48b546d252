using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Tests.Ingestion;

/// <summary>One attempt is one row, whoever tells of it and in whatever order.</summary>
public sealed class AttemptStoreTests(AttemptStoreTests.Stage stage) : IClassFixture<AttemptStoreTests.Stage>
{
    private static readonly string[] Sources = ["logs", "otlp", "telemetry"];

    /// <summary>Every test has a gateway of its own.</summary>
    private readonly string _gateway = $"g{Guid.NewGuid():N}";

    public static TheoryData<string> Orders { get; } = [.. from a in Sources from b in Sources from c in Sources where a != b && b != c && a != c select $"{a} {b} {c}"];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Add_EverySourceInEveryOrder_ClocksApart_IsOneRowThatKnowsAll(string order)
    {
        foreach (var source in order.Split(' '))
        {
            for (var attempt = 1; attempt <= 2; attempt++)
            {
                var told = Told(source, $"{source}-{attempt}", attempt) with { CreatedAt = stage.Now.AddSeconds(Array.IndexOf(Sources, source) * 5) };
                await stage.Store.AddAsync(
                    // Only the logs API knows the status, only OTLP the cost, only the telemetry query the tokens.
                    [source switch { "logs" => told with { StatusCode = 503, Path = "chat/completions" }, "otlp" => told with { CostUsd = 0.25m }, _ => told with { TokensIn = 7, Cached = true } }],
                    null, CancellationToken.None);
            }
        }

        Assert.Equal(["1 503 0.25 7 chat/completions true", "2 503 0.25 7 chat/completions true"], await QueryAsync("attempt || ' ' || status_code || ' ' || cost_usd || ' ' || tokens_in || ' ' || path || ' ' || cached"));
    }

    [Fact]
    public async Task Add_SameRowAgain_IsRepeatedAndReplacesNothing()
    {
        await stage.Store.AddAsync([Told("logs", "a") with { CostUsd = 1 }], null, CancellationToken.None);

        var again = await stage.Store.AddAsync([Told("logs", "a"), Told("logs", "a") with { CostUsd = 2 }, Told("otlp", "b") with { CostUsd = 3 }], null, CancellationToken.None);

        Assert.Equal((0, 0, 3), (again.Added, again.Completed, again.Repeated));
        Assert.Equal(["1"], await QueryAsync("cost_usd::text"));
    }

    /// <summary>Whoever calls Cloudflare directly may claim another's request id: that hides nothing.</summary>
    [Fact]
    public async Task Add_TwoRowsOfOneSourceWithOneClaim_AreTwoRows()
    {
        await stage.Store.AddAsync([Told("logs", "a"), Told("logs", "b")], null, CancellationToken.None);
        await stage.Store.AddAsync([Told("logs", "c")], null, CancellationToken.None);
        var again = await stage.Store.AddAsync([Told("logs", "c"), Told("logs", "b"), Told("logs", "a")], null, CancellationToken.None);

        Assert.Equal((0, 3), (again.Added, again.Repeated));
        Assert.Equal(["a 1", "b ", "c "], await QueryAsync("id || ' ' || coalesce(attempt::text, '')"));
    }

    [Fact]
    public async Task Add_FourReplicasTheSameRowsInOtherOrders_EachIsOneRow()
    {
        var rows = Enumerable.Range(0, 300).Select(i => Told(i % 2 == 0 ? "logs" : "otlp", $"{i}") with { RequestId = i % 6 == 0 ? null : $"r{i / 2}" }).ToList();
        var added = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            var random = new Random(i);
            return (await Task.WhenAll(rows.OrderBy(_ => random.Next()).Chunk(40).Select(part => stage.Store.AddAsync(part, null, CancellationToken.None)))).Sum(stored => stored.Added);
        })));

        var expected = rows.Select(row => row.RequestId ?? row.Id).Distinct().Count();
        Assert.Equal(expected, added.Sum());
        Assert.Equal([(long)expected], await stage.Database.QueryAsync<long>("select count(*) from gateway_logs where gateway = $1", _gateway));
    }

    [Fact]
    public async Task Add_WithoutRequestId_OneSourceCounts()
    {
        var logs = await stage.Store.AddAsync([Told("logs", "a") with { RequestId = null }], null, CancellationToken.None);
        var telemetry = await stage.Store.AddAsync([Told("telemetry", "b") with { RequestId = null }], null, CancellationToken.None);
        var pushed = await stage.Store.AddAsync([Told("otlp", "c") with { RequestId = null, CreatedAt = stage.Now.AddMinutes(5) }], new FeedMove(_gateway, "otlp") { PolledAt = TimeProvider.System.GetUtcNow() }, CancellationToken.None);
        var late = await stage.Store.AddAsync([Told("logs", "d") with { RequestId = null, CreatedAt = stage.Now.AddMinutes(4) }, Told("logs", "e") with { RequestId = null, CreatedAt = stage.Now.AddMinutes(6) }], null, CancellationToken.None);

        Assert.Equal(((1, 0), (0, 1), (1, 0), (1, 1)), ((logs.Added, logs.KeptOut), (telemetry.Added, telemetry.KeptOut), (pushed.Added, pushed.KeptOut), (late.Added, late.KeptOut)));
        Assert.Equal(["a", "c", "d"], await QueryAsync("id"));
    }

    /// <summary>The clock of the source that was read first is behind, or its stretch was an earlier one: what comes now is newer than all it told, and tells of it again all the same.</summary>
    [Theory]
    [InlineData("telemetry")]
    [InlineData("otlp")]
    public async Task Add_WithoutRequestId_AfterABackfillByAnother_CountsFromBehindItAlone(string source)
    {
        await stage.Store.AddAsync([Told("logs", "a") with { RequestId = null }], null, CancellationToken.None);

        var close = await stage.Store.AddAsync([Told(source, "b") with { RequestId = null, CreatedAt = stage.Now.AddSeconds(5) }], null, CancellationToken.None);
        var later = await stage.Store.AddAsync([Told(source, "c") with { RequestId = null, CreatedAt = stage.Now.AddMinutes(10) }], null, CancellationToken.None);
        var again = await stage.Store.AddAsync([Told(source, "d") with { RequestId = null, CreatedAt = stage.Now.AddSeconds(5) }], null, CancellationToken.None);

        Assert.Equal(((0, 1), (1, 0), (0, 1)), ((close.Added, close.KeptOut), (later.Added, later.KeptOut), (again.Added, again.KeptOut)));
        Assert.Equal(["a", "c"], await QueryAsync("id"));
    }

    /// <summary>A source that was kept out while the chosen one went silent is read again from there.</summary>
    [Fact]
    public async Task Add_ChosenSourceSilent_TheOtherTakesOverAndGoesBack()
    {
        var last = stage.Now.AddHours(-2);
        await stage.Store.AddAsync([Told("otlp", "a") with { RequestId = null, CreatedAt = last }], new FeedMove(_gateway, "otlp") { Through = last, PolledAt = last }, CancellationToken.None);

        var taken = await stage.Store.AddAsync([Told("logs", "b") with { RequestId = null, CreatedAt = stage.Now }], new FeedMove(_gateway, "logs") { Through = stage.Now }, CancellationToken.None);
        var again = await stage.Store.AddAsync([], new FeedMove(_gateway, "logs") { Through = last.AddMinutes(1) }, CancellationToken.None);

        Assert.True(taken.IsRewound);
        Assert.False(again.IsRewound);
        Assert.Equal(["a", "b"], await QueryAsync("id"));
        Assert.Equal([last.AddMinutes(1)], (await stage.Database.QueryAsync<DateTime>("select through from log_feeds where gateway = $1 and source = 'logs'", _gateway)).Select(time => new DateTimeOffset(time)));
    }

    /// <summary>No row stands at the time that a cursor was sent back to: that it is missed there is no gap. And whoever began to read before does not move it on, past rows that were kept out.</summary>
    [Fact]
    public async Task Add_CursorWasSentBack_StaysThereAndHasNoRowToMiss()
    {
        var last = stage.Now.AddHours(-2);
        await stage.Store.AddAsync([Told("otlp", "a") with { RequestId = null, CreatedAt = last }], new FeedMove(_gateway, "otlp") { Through = last, PolledAt = last }, CancellationToken.None);
        await stage.Store.AddAsync([], new FeedMove(_gateway, "logs") { Through = stage.Now, Swept = stage.Now, Anchored = true }, CancellationToken.None);

        var backfilled = await stage.Store.AddAsync([Told("logs", "b") with { RequestId = null }], new FeedMove(_gateway, "logs") { Backfill = Guid.NewGuid(), Through = stage.Now }, CancellationToken.None);
        await stage.Store.AddAsync([], new FeedMove(_gateway, "logs") { Known = stage.Now, Through = stage.Now.AddMinutes(1), Swept = stage.Now.AddMinutes(1), Anchored = true }, CancellationToken.None);

        Assert.True(backfilled.IsRewound);
        Assert.Equal(["true true false"], await stage.Database.QueryAsync<string>(
            "select concat_ws(' ', (through = $2)::text, (swept = $2)::text, anchored::text) from log_feeds where gateway = $1 and source = 'logs'", _gateway, last.AddMinutes(1)));
    }

    /// <summary>A replica that is behind says nothing of the row at a cursor that it has not come to.</summary>
    [Fact]
    public async Task Add_MoveFromBehindTheCursor_LeavesItAsItIs()
    {
        await stage.Store.AddAsync([], new FeedMove(_gateway, "telemetry") { Through = stage.Now, Anchored = false }, CancellationToken.None);
        await stage.Store.AddAsync([], new FeedMove(_gateway, "telemetry") { Known = stage.Now.AddHours(-1), Through = stage.Now.AddMinutes(-1), Anchored = true }, CancellationToken.None);

        Assert.Equal(["true false"], await stage.Database.QueryAsync<string>("select concat_ws(' ', (through = $2)::text, anchored::text) from log_feeds where gateway = $1", _gateway, stage.Now));
    }

    /// <summary>A source comes to be chosen while rows of the one before it are on their way into the log: it waits for them, and counts from behind them alone.</summary>
    [Fact]
    public async Task Add_WithoutRequestId_WhileTheChosenSourceIsStoring_CountsOnce()
    {
        await stage.Store.AddAsync([Told("logs", "a") with { RequestId = null, CreatedAt = stage.Now.AddHours(-1) }], null, CancellationToken.None);
        await using var connection = await stage.Database.DataSource.OpenConnectionAsync();
        await using var hold = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table only gateway_logs in share mode", connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        var storing = stage.Store.AddAsync([Told("logs", "b") with { RequestId = null }], null, CancellationToken.None);
        await WaitingAsync(1);
        var pushed = stage.Store.AddAsync([Told("otlp", "c") with { RequestId = null }], null, CancellationToken.None);
        await WaitingAsync(2);
        await hold.RollbackAsync();

        Assert.Equal((1, 1), ((await storing).Added, (await pushed).KeptOut));
        Assert.Equal(["a", "b"], await QueryAsync("id"));
    }

    [Fact]
    public async Task Add_RowOfAVersionWithoutKeys_IsNotAddedAgain()
    {
        await stage.Database.ExecuteAsync(
            "insert into gateway_logs (gateway, id, created_at, provider, model, path, success, cached, duration_ms) values ($1, 'a', $2, '', '', '', true, false, 1)", _gateway, stage.Now);

        await stage.Store.AddAsync([Told("logs", "a")], null, CancellationToken.None);

        Assert.Equal(["a"], await QueryAsync("id"));
    }

    [Fact]
    public async Task Add_RowsThatAreNotKept_AreLeftOut()
    {
        var stored = await stage.Store.AddAsync(
            [Told("logs", "old") with { CreatedAt = stage.Now.AddDays(-40) }, Told("logs", "to-come") with { CreatedAt = stage.Now.AddDays(9), RequestId = "other" }], null, CancellationToken.None);

        Assert.Equal((0, 2), (stored.Added, stored.Expired));
    }

    [Fact]
    public async Task Add_Bodies_StandBesideTheRowWhoeverBroughtThem()
    {
        await stage.Store.AddAsync([Told("logs", "a")], null, CancellationToken.None);
        await stage.Store.AddAsync([Told("otlp", "b") with { RequestBody = "asked", ResponseBody = "answered" }], null, CancellationToken.None);

        Assert.Equal(["a asked answered"], await stage.Database.QueryAsync<string>(
            "select id || ' ' || request || ' ' || response from gateway_log_bodies b where gateway = $1 and exists (select from gateway_logs l where l.gateway = b.gateway and l.id = b.id and l.created_at = b.created_at)", _gateway));
    }

    [Theory]
    [InlineData("0190a/2", "0190a", 2)]
    [InlineData("0190a/12", "0190a", 12)]
    [InlineData("0190a", "0190a", 1)]
    [InlineData("0190a/0", "0190a/0", 1)]
    [InlineData("0190a/x", "0190a/x", 1)]
    [InlineData("/2", "/2", 1)]
    [InlineData("a\0b", "a\uFFFDb", 1)]
    [InlineData("", null, null)]
    public void Claim_IsTakenApart(string text, string? requestId, int? number) => Assert.Equal((requestId, number), Attempt.Claim(text));

    private Attempt Told(string source, string id, int number = 1) =>
        new() { Gateway = _gateway, Source = source, Id = id, CreatedAt = stage.Now, RequestId = "r", Number = number, Provider = "openai", Model = "m", Success = true, DurationMs = 1 };

    /// <summary>Until so many transactions wait for a lock.</summary>
    private async Task WaitingAsync(int transactions)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await stage.Database.QueryAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))[0] < transactions)
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private async Task<IReadOnlyList<string>> QueryAsync(string column) => await stage.Database.QueryAsync<string>($"select {column} from gateway_logs where gateway = $1 order by 1", _gateway);

    public sealed class Stage : IAsyncLifetime
    {
        public DateTimeOffset Now { get; } = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddHours(-1), TimeSpan.Zero);

        internal PolledGateway Gateway { get; private set; } = null!;

        public TestDatabase Database => Gateway.Database;

        public AttemptStore Store => Gateway.Attempts;

        public async Task InitializeAsync() => Gateway = await PolledGateway.StartAsync();

        public async Task DisposeAsync() => await Gateway.DisposeAsync();
    }
}
