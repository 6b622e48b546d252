using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Content.Replay;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using GatewayOps.Tests.Rules;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Usage;

namespace GatewayOps.Tests.Content;

public sealed class ReplayTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Compare_RuleThatChanges_GroupsWhatItDecidedAndNamesTheFields()
    {
        var replay = Comparison(
            """{"rules":[{"name":"chat","pattern":"/chat/completions","timeout":1000}]}""",
            """{"rules":[{"name":"chat","pattern":"/chat/completions","timeout":2000},{"name":"mini","pattern":"/chat/completions","match":{"model":"gpt-4o-mini"},"cache":{"enabled":true,"ttl":60}}]}""");
        foreach (var (id, model) in new[] { ("r5", "gpt-4o"), ("r4", "gpt-4o-mini"), ("r3", "gpt-4o"), ("r2", "gpt-4o") })
        {
            replay.Add(Request(id, model));
        }

        var answer = replay.ToAnswer();

        Assert.Equal((4, 4), (answer.Compared, answer.Changed));
        Assert.Equal([(3, "timeoutMs", "r5"), (1, "rule, cache, timeoutMs", "r4")], answer.Groups.Select(group => (group.Count, string.Join(", ", group.Fields), group.Example)));
        Assert.Equal(["r5", "r4", "r3", "r2"], answer.Changes.Select(change => change.RequestId));
        Assert.Equal((1000, 2000), (answer.Groups[0].Before.TimeoutMs, answer.Groups[0].After.TimeoutMs));
        Assert.Equal((true, 60), (answer.Groups[1].After.Cache!.Enabled, answer.Groups[1].After.Cache!.Ttl));
    }

    [Fact]
    public void Compare_UpstreamsAndFallback_AreDecisions()
    {
        var replay = Comparison(
            """{"providers":[{"name":"openai","priority":1}]}""",
            """{"providers":[{"name":"openrouter","priority":1,"model":"openai/gpt-4o","timeout":500},{"name":"openai","priority":2}],"fallback":{"enabled":true}}""");
        replay.Add(Request("r", "gpt-4o"));

        var change = Assert.Single(replay.ToAnswer().Changes);

        Assert.Equal(["openai"], change.Before.Upstreams);
        Assert.Equal(["openrouter openai/gpt-4o 500 ms", "openai"], change.After.Upstreams);
        Assert.Equal((true, 1), (change.After.Fallback, change.After.Retries));
    }

    [Fact]
    public void Compare_ConditionThatRecordsDoNotHold_IsCountedNeverGuessed()
    {
        const string Old = """{"rules":[{"name":"chat","pattern":"/chat/completions"}]}""";
        var replay = Comparison(Old, """{"rules":[{"name":"chat","pattern":"/chat/completions"},{"name":"team","pattern":"/chat/completions","match":{"model":"gpt-*","metadata":{"team":"core"}},"timeout":5}]}""");
        replay.Add(Request("unknown", "gpt-4o"));
        replay.Add(Request("certain", "claude-sonnet-4-5", "anthropic"));
        replay.Add(Request("refused", "gpt-4o") with { AskedModel = null });

        var answer = replay.ToAnswer();

        Assert.Equal((1, 0, 2), (answer.Compared, answer.Changed, answer.NotComparable.Count));
        Assert.Contains(answer.NotComparable.Why, why => why.Reason == "metadata.team decides whether team matches, which records do not hold" && why.Count == 1);
        Assert.Contains(answer.NotComparable.Why, why => why.Reason.StartsWith("it was refused", StringComparison.Ordinal));
    }

    [Fact]
    public void Compare_VirtualKey_IsInTheRecord()
    {
        var replay = Comparison("{}", """{"rules":[{"name":"a","pattern":"/**","match":{"key":"team-a"},"collect_log":false}]}""");
        replay.Add(Request("a", "gpt-4o") with { VirtualKey = "team-a" });
        replay.Add(Request("b", "gpt-4o") with { VirtualKey = "team-b" });
        replay.Add(Request("none", "gpt-4o"));

        Assert.Equal(["a"], replay.ToAnswer().Changes.Select(change => change.RequestId));
    }

    [Fact]
    public void Compare_ManyRequests_KeepsFewExamples()
    {
        var replay = Comparison("{}", """{"fallback":{"enabled":true,"retry_count":3}}""");
        for (var number = 0; number < 10_000; number++)
        {
            replay.Add(Request($"r{number}", "gpt-4o"));
        }

        var answer = replay.ToAnswer();

        Assert.Equal((10_000, 1, ReplayComparison.MostExamples), (answer.Changed, answer.Groups.Count, answer.Changes.Count));
    }

    [Fact]
    public async Task Replay_OfADraft_ComparesWithWhatIsActive()
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("rules", """{"gateways":["prod"],"rules":[{"name":"chat","pattern":"/chat/completions","timeout":1000}]}""");
        await service.AddAsync("rules", """{"gateways":["prod"],"rules":[{"name":"chat","pattern":"/chat/completions","timeout":3000}]}""");
        await service.ActivateAsync("prod", "rules", 1);
        var now = TimeProvider.System.GetUtcNow();
        await new RequestRecordTable(service.Database.DataSource).WriteAsync(
            [.. Enumerable.Range(0, 6).Select(number => Records.New(number) with { At = now.AddMinutes(-10 * number - 1), Gateway = number == 5 ? "other" : "prod", AskedModel = "gpt-4o", AskedProvider = "openai" })], CancellationToken.None);

        var draft = await PostAsync(service, """{"document":{"gateways":["prod"],"rules":[{"name":"chat","pattern":"/chat/completions","timeout":2000}]}}""");
        var latest = await PostAsync(service, "");
        var recent = await PostAsync(service, """{"revision":2,"since":"25m"}""");
        var limited = await PostAsync(service, """{"limit":2,"gateway":"prod"}""");
        var active = await PostAsync(service, """{"revision":1}""");

        Assert.Equal((5, 5), Counts(draft));
        Assert.Equal(["r0", "r1", "r2", "r3", "r4"], draft["changes"]!.AsArray().Select(change => change!["requestId"]!.GetValue<string>()));
        Assert.Equal("""["timeoutMs"]""", draft["groups"]![0]!["fields"]!.ToJsonString());
        Assert.Equal(2000, draft["changes"]![0]!["after"]!["timeoutMs"]!.GetValue<double>());
        Assert.Equal(3000, latest["changes"]![0]!["after"]!["timeoutMs"]!.GetValue<double>());
        Assert.Equal(((3, 3), (2, 2), (5, 0)), (Counts(recent), Counts(limited), Counts(active)));
    }

    [Theory]
    [InlineData("rules", """{"limit":0}""", HttpStatusCode.BadRequest, "limit_out_of_range")]
    [InlineData("rules", """{"limit":10001}""", HttpStatusCode.BadRequest, "limit_out_of_range")]
    [InlineData("rules", """{"since":"yesterday"}""", HttpStatusCode.BadRequest, "invalid_parameter")]
    [InlineData("rules", """{"gateway":"a\u0000b"}""", HttpStatusCode.BadRequest, "invalid_parameter")]
    [InlineData("rules", """{"document":{},"revision":1}""", HttpStatusCode.BadRequest, "invalid_parameter")]
    [InlineData("rules", """{"revision":9}""", HttpStatusCode.NotFound, "revision_not_found")]
    [InlineData("other", "{}", HttpStatusCode.NotFound, "rule_set_not_found")]
    [InlineData("rules", """{"document":{"rulez":[]}}""", HttpStatusCode.UnprocessableEntity, "rule_set_invalid")]
    [InlineData("two", """{"document":{"gateways":["prod"],"settings":{"cache_ttl":70}}}""", HttpStatusCode.UnprocessableEntity, "rule_set_conflict")]
    public async Task Replay_OfWhatCannotBe_IsRefused(string name, string body, HttpStatusCode status, string code)
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("rules", """{"gateways":["prod"],"settings":{"cache_ttl":60}}""");
        await service.ActivateAsync("prod", "rules", 1);

        var problem = await PostAsync(service, body, name, status);

        Assert.EndsWith($":{code}", problem["type"]!.GetValue<string>());
    }

    private static ReplayComparison Comparison(string before, string after) =>
        new(new Dictionary<string, ReplayTables> { ["gw"] = new(Documents.Compiled(before).Routes, Documents.Compiled(after).Routes) });

    private static RecordedRequest Request(string id, string model, string provider = "openai") => new(id, Noon, "POST", "/v1/chat/completions", "gw", VirtualKey: null, model, provider);

    private static (int Compared, int Changed) Counts(JsonNode answer) => (answer["compared"]!.GetValue<int>(), answer["changed"]!.GetValue<int>());

    private static async Task<JsonNode> PostAsync(TestService service, string body, string name = "rules", HttpStatusCode status = HttpStatusCode.OK)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await service.NewClient(TestService.ReadToken).PostAsync($"/api/v1/content/{name}/replay", content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, text);
        return JsonNode.Parse(text)!;
    }
}
