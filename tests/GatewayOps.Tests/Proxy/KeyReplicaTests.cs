using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Proxy;

/// <summary>Limits of virtual keys over several replicas, restarts, crashes and without a database.</summary>
public sealed class KeyReplicaTests
{
    // Of gpt-4o-mini with 1000 tokens in and 1000 out.
    private const decimal CostOfOne = 0.00075m;

    /// <summary>The formula of the guide: together at most the limit and one slice for each replica. Here 60 + 3 × 6.</summary>
    [Fact]
    public async Task ThreeReplicas_ExceedALimitByAtMostASliceEach_AndLeaveNothingUnused()
    {
        await using var stage = await KeyStage.StartAsync(replicas: 3, time: new MinuteClock());
        var (_, token) = await stage.First.IssueKeyAsync(key: new { requestsPerMinute = 60 });
        await stage.First.EventuallyAsync(async () => await stage.Replicas[1].ModelsStatusAsync(token) + await stage.Replicas[2].ModelsStatusAsync(token) == 400, "all to know the key");
        var clients = stage.Replicas.Select(replica => replica.NewClient(token)).ToList();

        // In bursts, until they have shared out all there is.
        var passed = 0;
        for (var (round, silent) = (0, 0); round < 100 && silent < 8; round++)
        {
            var answers = await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, 8).Select(_ => Answer.PostAsync(client, ProxyStage.Chat()))));
            Assert.All(answers, answer => Assert.True(answer.Status is 200 or 429, answer.Text));
            var now = answers.Count(answer => answer.Status == 200);
            (passed, silent) = (passed + now, now == 0 && passed >= 60 ? silent + 1 : 0);
            await Task.Delay(10);
        }

        Assert.InRange(passed, 60, 60 + (3 * 6));
    }

    [Fact]
    public async Task Spent_IsKnownAfterARestart_AndByTheOtherReplica()
    {
        await using var stage = await KeyStage.StartAsync(time: new MinuteClock());
        var (_, token) = await stage.First.IssueKeyAsync(key: new { budgetUsd = 3 * CostOfOne, budgetWindow = "day" });
        Assert.Equal(200, (await AskAsync(stage.First, token)).Status);
        Assert.Equal(200, (await AskAsync(stage.First, token)).Status);

        await stage.StopAsync(stage.First);
        var restarted = await stage.AddAsync(new MinuteClock());
        Assert.Equal(200, (await AskAsync(restarted, token)).Status);
        (await AskAsync(restarted, token)).IsError(402, "insufficient_quota");

        await stage.First.Services.GetRequiredService<KeyClaimer>().ExchangeAsync(isLast: false, CancellationToken.None);
        var other = await stage.AddAsync(new MinuteClock());
        (await AskAsync(other, token)).IsError(402, "insufficient_quota");
        Assert.Equal(3, stage.Asked);
    }

    /// <summary>What a replica claimed and did not use comes back when it is gone; what it used does not.</summary>
    [Fact]
    public async Task Killed_LeavesWhatItUsed_AndGivesBackTheRest()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database);
        var (id, _) = await service.IssueKeyAsync(key: new { budgetUsd = 10 });
        var start = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await database.ExecuteAsync("insert into key_replicas values ('killed', now())");
        await database.ExecuteAsync(
            "insert into key_claims (key_id, kind, window_start, window_end, replica, used, claimed) values ($1, 'usd', $2, $3, 'killed', 4, 5)", Guid.Parse(id), start.UtcDateTime, start.AddDays(1).UtcDateTime);
        var (claims, asked) = (service.Services.GetRequiredService<KeyClaims>(), new KeyClaim(Guid.Parse(id), "usd", start, start.AddDays(1), 1, 10, 10));

        var whileItLives = await claims.ExchangeAsync([asked], start, CancellationToken.None);
        await database.ExecuteAsync("update key_replicas set seen_at = now() - interval '31 seconds' where replica = 'killed'");
        var later = await claims.ExchangeAsync([asked], start, CancellationToken.None);

        Assert.Equal((5m, 5m, 1L), (Assert.Single(whileItLives.Claimed).Value, Assert.Single(whileItLives.Others).Value, whileItLives.Replicas));
        Assert.Equal((6m, 4m, 0L), (Assert.Single(later.Claimed).Value, Assert.Single(later.Others).Value, later.Replicas));
        // Long gone, what it used is kept with that of all others that are.
        await database.ExecuteAsync("update key_replicas set seen_at = now() - interval '2 hours' where replica = 'killed'");
        await claims.ForgetAsync(start, CancellationToken.None);
        Assert.Equal([" 4"], await database.QueryAsync<string>("select replica || ' ' || used from key_claims where replica <> (select replica from key_replicas)"));
        await database.ExecuteAsync(
            "insert into key_claims (key_id, kind, window_start, window_end, replica, used, claimed) select key_id, kind, window_start, window_end, 'stopped', 2, 3 from key_claims where replica = ''");
        await claims.ForgetAsync(start, CancellationToken.None);
        Assert.Equal([" 6 6"], await database.QueryAsync<string>("select replica || ' ' || used || ' ' || claimed from key_claims where replica <> (select replica from key_replicas)"));
        await database.ExecuteAsync("update key_claims set used = 4, claimed = 4 where replica = ''");
        // Spent is spent, also where nothing is left for it.
        var spent = await claims.ExchangeAsync([asked with { Used = 9, Asked = 10 }], start, CancellationToken.None);
        Assert.Equal(9m, Assert.Single(spent.Claimed).Value);
    }

    [Theory]
    [InlineData("allow", 10)]
    [InlineData("refuse", 2)]
    public async Task WithoutADatabase_TheLastSliceIsKept_AndThenTheSettingDecides(string setting, int passes)
    {
        var clock = new MinuteClock();
        await using var stage = await KeyStage.StartAsync(time: clock, settings: new Dictionary<string, string>
        {
            ["GatewayOps:Keys:WithoutDatabase"] = setting,
            ["GatewayOps:Keys:Slice"] = "0.2",
            ["GatewayOps:Keys:ClaimInterval"] = "00:00:00.1",
        });
        var (_, token) = await stage.First.IssueKeyAsync(key: new { requestsPerMinute = 10 });
        var client = stage.First.NewClient(token);
        Assert.Equal(200, await stage.First.ModelsStatusAsync(token));
        // While a limited key is in use, claims are exchanged at their interval, and an outage is seen by the next.
        var (_, other) = await stage.First.IssueKeyAsync("other", new { requestsPerMinute = 10 });
        Assert.Equal(200, (await Answer.PostAsync(stage.First.NewClient(other), ProxyStage.Chat())).Status);
        var name = (await stage.Database.QueryAsync<string>("select current_database()::text")).Single();

        await using var elsewhere = await TestDatabase.CreateEmptyAsync();
        await elsewhere.ExecuteAsync($"alter database {name} allow_connections false");
        await elsewhere.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name);
        await stage.First.EventuallyAsync(() => stage.First.Log.ToString().Contains("limits of virtual keys go on", StringComparison.Ordinal), "the outage to be seen");
        // Beyond the time for which the last answer of the database counts.
        clock.Elapsed += TimeSpan.FromSeconds(20);

        var answers = new List<Answer>();
        for (var i = 0; i < 15; i++)
        {
            answers.Add(await Answer.PostAsync(client, ProxyStage.Chat()));
        }

        Assert.Equal(passes, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Skip(passes), answer => answer.IsError(429, "rate_limit_exceeded"));
        await elsewhere.ExecuteAsync($"alter database {name} allow_connections true");
        await stage.First.EventuallyAsync(() => stage.First.Log.ToString().Contains("shared with the other replicas again", StringComparison.Ordinal), "the recovery");
        Assert.Equal(setting == "refuse" ? 200 : 429, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
    }

    private static Task<Answer> AskAsync(TestService service, string token) => Answer.PostAsync(service.NewClient(token), ProxyStage.Chat());

    /// <summary>Measures intervals as any clock does, and says noon: however long a test takes, it meets no end of a window.</summary>
    private sealed class MinuteClock : TimeProvider
    {
        private static readonly DateTimeOffset Noon = new(System.GetUtcNow().UtcDateTime.Date.AddHours(12), TimeSpan.Zero);

        /// <summary>Added to timestamps: what an interval has lasted beyond what it really did.</summary>
        public TimeSpan Elapsed { get; set; }

        public override DateTimeOffset GetUtcNow() => Noon;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Elapsed.TotalSeconds * System.TimestampFrequency);
    }
}
