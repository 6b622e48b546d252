using System.Text.Json;
using GatewayOps.Emulator.Cel;
using GatewayOps.Emulator.Policies;

namespace GatewayOps.Tests.Emulator.Policies;

public sealed class PolicyEvaluationTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_NoPolicies_Allows() => Assert.Equal(PolicyDecision.NoLimit, PolicyEvaluation.Of([], Subject()).Decision);

    [Fact]
    public void Of_NoneMatches_Blocks()
    {
        var evaluation = PolicyEvaluation.Of([Policy("interns", "true", """{"model":"anthropic/*"}""")], Subject());

        Assert.Equal(PolicyDecision.Block, evaluation.Decision);
        Assert.Null(evaluation.BlockedBy);
    }

    [Fact]
    public void Of_BlockBesideAllow_BlockWinsWhateverTheOrder()
    {
        var allow = Policy("all");
        var block = Policy("no contractors", "'contractors' in cf.user.groups", action: """{"type":"block"}""");
        var contractor = Subject(groups: ["contractors"]);

        Assert.Equal("no contractors", PolicyEvaluation.Of([allow, block], contractor).BlockedBy);
        Assert.Equal("no contractors", PolicyEvaluation.Of([block, allow], contractor).BlockedBy);
        Assert.Equal(PolicyDecision.NoLimit, PolicyEvaluation.Of([allow, block], Subject(groups: ["staff"])).Decision);
    }

    [Fact]
    public void Of_ConditionCannotBeTold_BlocksWhereItBlocksAndIsLeftOutWhereItAllows()
    {
        var block = Policy("no contractors", "'contractors' in cf.user.groups", action: """{"type":"block"}""");
        var allow = Policy("contractors may", "'contractors' in cf.user.groups");
        var nobody = Subject(groups: null);

        Assert.Equal("no contractors", PolicyEvaluation.Of([block, Policy("all")], nobody).BlockedBy);
        Assert.Equal(PolicyDecision.Block, PolicyEvaluation.Of([allow], nobody).Decision);
    }

    [Fact]
    public void Of_BlockExcept_BlocksWhatTheResourceDoesNotName()
    {
        var except = Policy("only mini", resource: """{"model":["openai/gpt-5-mini","anthropic/claude-haiku-*"]}""", action: """{"type":"block","except":true}""");

        Assert.Equal("only mini", PolicyEvaluation.Of([except, Policy("all")], Subject("openai", "gpt-5")).BlockedBy);
        Assert.Equal(PolicyDecision.NoLimit, PolicyEvaluation.Of([except, Policy("all")], Subject("openai", "gpt-5-mini")).Decision);
    }

    [Theory]
    [InlineData("\"*\"", true)]
    [InlineData("""{"model":"openai/gpt-5-mini"}""", true)]
    [InlineData("""{"model":"gpt-5-mini"}""", true)]
    [InlineData("""{"model":"openai/gpt-*"}""", true)]
    [InlineData("""{"model":"*"}""", true)]
    [InlineData("""{"model":"open*mini"}""", false)]
    [InlineData("""{"model":"openai/gpt-5"}""", false)]
    [InlineData("""{"model":"openai/gpt.5-mini"}""", false)]
    [InlineData("""{"provider":"openai"}""", true)]
    [InlineData("""{"provider":["anthropic","openai"]}""", true)]
    [InlineData("""{"provider":"anthropic","model":"*"}""", false)]
    [InlineData("""{"provider":"openai","model":["gpt-4*","gpt-5*"]}""", true)]
    public void Covers_Globs_StarStopsAtASlash(string resource, bool covered) =>
        Assert.Equal(covered, PolicyResource.Read(JsonSerializer.Deserialize<JsonElement>(resource)).Covers(Subject("openai", "gpt-5-mini")));

    [Fact]
    public void Covers_ProviderOfTwoNames_GoesByBoth()
    {
        var catalogue = PolicyResource.Read(JsonSerializer.Deserialize<JsonElement>("""{"model":"google/gemini-*","provider":"google"}"""));
        var slug = PolicyResource.Read(JsonSerializer.Deserialize<JsonElement>("""{"model":"google-ai-studio/gemini-*","provider":"google-ai-studio"}"""));

        Assert.True(catalogue.Covers(Subject("google-ai-studio", "gemini-2.5-flash")));
        Assert.True(slug.Covers(Subject("google-ai-studio", "gemini-2.5-flash")));
        Assert.True(catalogue.Covers(PolicySubject.Of("google", "google/gemini-2.5-flash", new Dictionary<string, CelValue>())));
    }

    [Fact]
    public void Of_SameActorAndResource_IsOneBucketWithTheHighestAmountOfEachPeriod()
    {
        var policies = new[]
        {
            Policy("default", actor: "user:{cf.user.email}", action: Limit(400, "monthly")),
            Policy("alice", "cf.user.email == 'alice@example.com'", actor: "user:{cf.user.email}", action: Limit(600, "monthly")),
            Policy("hourly", actor: "user:{cf.user.email}", action: Limit(5, "hourly")),
            Policy("company", actor: "company", action: Limit(9000, "monthly")),
        };

        var evaluation = PolicyEvaluation.Of(policies, Subject());

        Assert.Equal(PolicyDecision.CheckLimits, evaluation.Decision);
        Assert.Equal(2, evaluation.Buckets.Count);
        var alice = Assert.Single(evaluation.Buckets, bucket => bucket.Actor == "user:alice@example.com");
        Assert.Equal([(BudgetPeriod.Hourly, 5m, "hourly"), (BudgetPeriod.Monthly, 600m, "alice")], alice.Limits.Select(limit => (limit.Period, limit.Amount, limit.Policy)));
        var other = PolicyEvaluation.Of(policies, Subject(email: "bob@example.com"));
        Assert.Equal(400, other.Buckets.Single(bucket => bucket.Actor == "user:bob@example.com").Limits.Single(limit => limit.Period == BudgetPeriod.Monthly).Amount);
        Assert.DoesNotContain(alice.Id, other.Buckets.Select(bucket => bucket.Id));
    }

    [Fact]
    public void Of_NoLimitInABucket_ItsSpendingIsNotLookedAt()
    {
        var evaluation = PolicyEvaluation.Of([Policy("cap", actor: "a", action: Limit(1, "daily")), Policy("free", actor: "a"), Policy("team", actor: "b", action: Limit(1, "daily"))], Subject());

        Assert.Equal(PolicyDecision.CheckLimits, evaluation.Decision);
        Assert.Empty(evaluation.Buckets.Single(bucket => bucket.Actor == "a").Limits);
        Assert.Equal("team", PolicyEnforcement.Of(evaluation, (_, _) => 1).Limit!.Policy);
    }

    [Fact]
    public void Of_ActorCannotBeResolved_PolicyIsNotForTheRequest()
    {
        var perUser = Policy("per user", actor: "user:{metadata.user_id}");

        Assert.Equal(PolicyDecision.Block, PolicyEvaluation.Of([perUser], Subject()).Decision);
        Assert.Equal("user:7:true", Assert.Single(PolicyEvaluation.Of([Policy("per user", actor: "user:{metadata.user_id}:{metadata.beta}")], Subject(metadata: """{"user_id":7,"beta":true}""")).Buckets).Actor);
        Assert.Equal(PolicyDecision.Block, PolicyEvaluation.Of([Policy("groups", actor: "{cf.user.groups}")], Subject(groups: ["a"])).Decision);
    }

    [Theory]
    [InlineData("user:{cf.user.id", 6, "the brace has no end")]
    [InlineData("user:{who}", 7, "undeclared reference to 'who'")]
    [InlineData("{cf.}", 5, "expected a name")]
    public void ParseActor_Wrong_SaysWhere(string actor, int position, string message)
    {
        var error = ActorTemplate.Parse(actor).Error!;
        Assert.Equal(position, error.Position);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-18T12:34:56Z", "2026-11-18T12:00:00Z", "2026-11-18T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-22T23:59:59Z", "2026-11-22T23:00:00Z", "2026-11-22T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-01T00:00:00Z")]
    [InlineData("2027-01-01T00:30:00+02:00", "2026-12-31T22:00:00Z", "2026-12-31T00:00:00Z", "2026-12-28T00:00:00Z", "2026-12-01T00:00:00Z")]
    public void StartOf_Period_IsTheCalendarsInUtc(string now, string hour, string day, string week, string month) =>
        Assert.Equal(
            [DateTimeOffset.Parse(hour), DateTimeOffset.Parse(day), DateTimeOffset.Parse(week), DateTimeOffset.Parse(month)],
            Enum.GetValues<BudgetPeriod>().Select(period => period.StartOf(DateTimeOffset.Parse(now))));

    [Fact]
    public void Spent_NextPeriod_StartsAgainFromZero()
    {
        var budgets = new PolicyBudgets();
        budgets.Add("b", BudgetPeriod.Daily, 3, Start);
        budgets.Add("b", BudgetPeriod.Daily, 4, Start.AddHours(11));
        budgets.Add("b", BudgetPeriod.Monthly, 7, Start);

        Assert.Equal(7, budgets.Spent("b", BudgetPeriod.Daily, Start.AddHours(11.9)));
        Assert.Equal(0, budgets.Spent("b", BudgetPeriod.Daily, Start.AddHours(12)));
        Assert.Equal(7, budgets.Spent("b", BudgetPeriod.Monthly, Start.AddHours(12)));
        Assert.Equal(0, budgets.Spent("b", BudgetPeriod.Hourly, Start));
    }

    private static string Limit(decimal amount, string period) => JsonSerializer.Serialize(new { type = "limit", amount, period, technique = "named-interval" });

    private static Policy Policy(string name, string condition = "true", string resource = "\"*\"", string action = """{"type":"no-limit"}""", string actor = "company") => new(
        Guid.NewGuid().ToString(),
        JsonSerializer.Deserialize<JsonElement>($$"""{"name":{{JsonSerializer.Serialize(name)}},"actor":{{JsonSerializer.Serialize(actor)}},"resource":{{resource}},"condition":{{JsonSerializer.Serialize(condition)}},"action":{{action}}}"""),
        Start,
        Start);

    private static PolicySubject Subject(string provider = "openai", string model = "gpt-5", string email = "alice@example.com", string[]? groups = null, string metadata = "{}") => PolicySubject.Of(provider, model, new Dictionary<string, CelValue>
    {
        ["cf"] = CelValue.Of(JsonSerializer.SerializeToElement(new { user = groups is null ? (object)new { email } : new { email, groups } })),
        ["metadata"] = CelValue.Of(JsonSerializer.Deserialize<JsonElement>(metadata)),
    });
}
