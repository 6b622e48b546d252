using GatewayOps.Emulator;
using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

public sealed class SpendLimitTests
{
    private const string Dollar = """cf-aig-custom-cost: {"total_cost":1}""";

    [Fact]
    public async Task Rule_UsedUp_Answers2041WithTheContractsWords()
    {
        await using var gateway = await TestGateway.StartAsync(new { spend_limits = Rules(new { id = "1a2b3c4d", limitType = "cost", limit = 1.5, window = 86_400 }) });

        // The second call is let in below the limit and ends above it.
        Assert.Equal([200, 200, 429], await StatusesAsync(gateway, Dollar, Dollar, Dollar));
        var refused = await gateway.ChatAsync("again", Dollar);

        Assert.Equal(2041, refused.ErrorCode);
        Assert.Equal("Spend limit exceeded: rule '1a2b3c4d' (cost limit 1.5 per 86400s, sliding) for openai gpt-4o-mini", refused.Json.GetProperty("error")[0].GetProperty("message").GetString());
        Assert.Equal(2, await gateway.UpstreamRequestsAsync());
        Assert.Equal([200, 200, 429, 429], gateway.Logs.Select(row => row.StatusCode));
    }

    [Fact]
    public async Task FixedWindow_EndsByTheClock_SlidingWindowADayAfterTheSpending()
    {
        await using var gateway = await TestGateway.StartAsync(new { spend_limits = Rules(new { limitType = "cost", limit = 1, window = 86_400, technique = "fixed" }) });
        await using var other = await TestGateway.StartAsync(new { spend_limits = Rules(new { limitType = "cost", limit = 1, window = 86_400, technique = "sliding" }) });
        foreach (var each in (TestGateway[])[gateway, other])
        {
            // Nine in the evening: the fixed window ends at midnight.
            await each.Emulator.AdvanceClockAsync(TimeSpan.FromDays(1) - each.State.CreatedAt.TimeOfDay + TimeSpan.FromHours(21));
            Assert.Equal([200, 429], await StatusesAsync(each, Dollar, Dollar));
            await each.Emulator.AdvanceClockAsync(TimeSpan.FromHours(4));
        }
        Assert.Equal([200, 429], await StatusesAsync(gateway, Dollar, Dollar));
        Assert.Equal([429], await StatusesAsync(other, Dollar));
        await other.Emulator.AdvanceClockAsync(TimeSpan.FromHours(21));
        Assert.Equal([200], await StatusesAsync(other, Dollar));
    }

    [Fact]
    public async Task Partition_EachValueHasItsBudget_CallsWithoutItShareOne()
    {
        await using var gateway = await TestGateway.StartAsync(new { spend_limits = Rules(new { limitType = "cost", limit = 1, window = 1000, metadata = new { user_id = new { mode = "partition" } } }) });

        Assert.Equal(200, await SpendAsync(gateway, """{"user_id":"a"}"""));
        Assert.Equal(429, await SpendAsync(gateway, """{"user_id":"a"}"""));
        Assert.Equal(200, await SpendAsync(gateway, """{"user_id":"b"}"""));
        Assert.Equal(200, await SpendAsync(gateway, "{}"));
        Assert.Equal(429, await SpendAsync(gateway, """{"team":"x"}"""));
    }

    [Fact]
    public async Task Partition_NeedsValueAssumed_RuleIsNotForCallsWithoutIt()
    {
        await using var gateway = await TestGateway.StartAsync(
            new { spend_limits = Rules(new { limitType = "cost", limit = 1, window = 1000, metadata = new { user_id = new { mode = "partition" } } }) },
            new EmulatorOptions { Assumptions = new Assumptions { SpendPartitionNeedsValue = true } });

        Assert.Equal(200, await SpendAsync(gateway, "{}"));
        Assert.Equal(200, await SpendAsync(gateway, "{}"));
    }

    [Fact]
    public async Task Filters_OtherModelProviderOrMetadata_AreNotLimited()
    {
        await using var gateway = await TestGateway.StartAsync(new
        {
            spend_limits = Rules(new
            {
                limitType = "cost",
                limit = 1,
                window = 1000,
                model = new { mode = "filter", values = (string[])["openai/gpt-4o-mini", "gpt-5"] },
                provider = new { mode = "filter", values = (string[])["openai"] },
                metadata = new { team = new { mode = "filter", values = (string[])["eng"] } },
            }),
        });
        const string eng = """cf-aig-metadata: {"team":"eng"}""";

        Assert.Equal([200, 200, 429], await StatusesAsync(gateway, Dollar, $"{Dollar}|{eng}", $"{Dollar}|{eng}"));
        Assert.Equal(200, (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(model: "gpt-4o"), TestGateway.ProviderKey, eng)).Status);
        Assert.Equal(200, (await gateway.PostAsync("groq/chat/completions", TestGateway.Chat(), TestGateway.ProviderKey, eng)).Status);
        Assert.Equal(200, (await gateway.ChatAsync("x", """cf-aig-metadata: {"team":"ops"}""")).Status);
    }

    [Fact]
    public async Task Rules_DisabledOrUnpriced_DoNotRefuse()
    {
        await using var off = await TestGateway.StartAsync(new { spend_limits = new { enabled = false, rules = (object[])[new { limitType = "cost", limit = 1, window = 1000 }] } });
        await using var rule = await TestGateway.StartAsync(new { spend_limits = Rules(new { enabled = false, limitType = "cost", limit = 1, window = 1000 }) });
        await using var on = await TestGateway.StartAsync(new { spend_limits = Rules(new { limitType = "cost", limit = 1, window = 1000 }) });

        Assert.Equal([200, 200], await StatusesAsync(off, Dollar, Dollar));
        Assert.Equal([200, 200], await StatusesAsync(rule, Dollar, Dollar));
        Assert.Equal([200, 429], await StatusesAsync(on, Dollar, Dollar));
        // Without a price there is nothing to compare: the model goes on though the budget is gone.
        Assert.Equal(200, (await on.PostAsync("openai/chat/completions", TestGateway.Chat(model: "home-made"))).Status);
    }

    [Fact]
    public async Task Cost_OfTheTokens_CountsInDollarsUnlessCentsAreAssumed()
    {
        var limits = new { spend_limits = Rules(new { limitType = "cost", limit = 0.0001, window = 1000 }) };
        await using var dollars = await TestGateway.StartAsync(limits);
        await using var cents = await TestGateway.StartAsync(limits, new EmulatorOptions { Assumptions = new Assumptions { SpendLimitUnit = 0.01m } });

        await dollars.ChatAsync();
        await cents.ChatAsync();
        var cost = Assert.Single(dollars.Logs).Cost;

        Assert.InRange(cost, 0.000001m, 0.0001m);
        Assert.Equal(200, (await dollars.ChatAsync()).Status);
        Assert.Equal(429, (await cents.ChatAsync()).Status);
    }

    [Fact]
    public async Task CacheHits_CostNothingAndMeetNoLimit()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 600, spend_limits = Rules(new { limitType = "cost", limit = 1, window = 1000 }) });

        Assert.Equal([200, 200, 200], await StatusesAsync(gateway, Dollar, Dollar, Dollar));
        Assert.Equal(429, (await gateway.ChatAsync("another", Dollar)).Status);
    }

    [Fact]
    public async Task LoggingOff_SpendingCountsAllTheSame()
    {
        await using var gateway = await TestGateway.StartAsync(new { collect_logs = false, spend_limits = Rules(new { limitType = "cost", limit = 1, window = 1000 }) });

        Assert.Equal([200, 429], await StatusesAsync(gateway, Dollar, Dollar));
        Assert.Empty(gateway.Logs);
    }

    /// <summary>The sum of a sliding window is that of its last `window` seconds, to a 240th, and never negative.</summary>
    [Fact]
    public void Spent_Sliding_IsTheSumOfTheWindow()
    {
        var rule = new SpendRule("r", 1, 240, RateLimitTechnique.Sliding, Models: null, Providers: null, [], new Dictionary<string, IReadOnlyList<string>>());
        var ledger = new SpendLedger();
        var start = DateTimeOffset.UnixEpoch.AddDays(20_000);
        for (var second = 0; second < 480; second++)
            ledger.Add(rule, "", 1, start.AddSeconds(second));

        Assert.Equal(240, ledger.Spent(rule, "", start.AddSeconds(479)));
        Assert.Equal(139, ledger.Spent(rule, "", start.AddSeconds(580)));
        Assert.Equal(0, ledger.Spent(rule, "", start.AddSeconds(720)));
        Assert.Equal(0, ledger.Spent(rule, "other", start.AddSeconds(479)));
    }

    private static object Rules(params object[] rules) => new { enabled = true, rules };

    private static async Task<int> SpendAsync(TestGateway gateway, string metadata) => (await gateway.ChatAsync("Hello", Dollar, $"cf-aig-metadata: {metadata}")).Status;

    /// <param name="headers">Of one call each; several are divided by `|`.</param>
    private static async Task<List<int>> StatusesAsync(TestGateway gateway, params string[] headers)
    {
        var statuses = new List<int>();
        foreach (var one in headers)
            statuses.Add((await gateway.ChatAsync("Hello", one.Split('|'))).Status);
        return statuses;
    }
}
