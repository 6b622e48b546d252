using System.Net;
using System.Text;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management.Gateways;

/// <summary>What a gateway may not be: one emulator for all cases, since none of them changes it.</summary>
public sealed class GatewayValidationTests(EmulatorFixture emulator) : IClassFixture<EmulatorFixture>
{
    private const string Gateways = "ai-gateway/gateways";

    public static TheoryData<string, object?, string> BadFields { get; } = new()
    {
        { "id", "Prod", "7001 body.id Invalid" },
        { "id", "a--b", "7001 body.id Invalid" },
        { "id", "", "7001 body.id String must contain at least 1 character(s)" },
        { "id", new string('a', 65), "7001 body.id String must contain at most 64 character(s)" },
        { "id", Absent, "7001 body.id Required" },
        { "cache_ttl", Absent, "7001 body.cache_ttl Required" },
        { "cache_ttl", -1, "7001 body.cache_ttl Number must be greater than or equal to 0" },
        { "cache_ttl", 2_592_001, "7001 body.cache_ttl Number must be less than or equal to 2592000" },
        { "cache_ttl", 1.5, "7001 body.cache_ttl Expected integer, received float" },
        { "cache_ttl", "60", "7001 body.cache_ttl Expected number, received string" },
        { "cache_invalidate_on_update", Absent, "7001 body.cache_invalidate_on_update Required" },
        { "cache_invalidate_on_update", null, "7001 body.cache_invalidate_on_update Expected boolean, received null" },
        { "collect_logs", Absent, "7001 body.collect_logs Required" },
        { "rate_limiting_interval", Absent, "7001 body.rate_limiting_interval Required" },
        { "rate_limiting_limit", Absent, "7001 body.rate_limiting_limit Required" },
        { "rate_limiting_limit", -1, "7001 body.rate_limiting_limit Number must be greater than or equal to 0" },
        { "rate_limiting_technique", "rolling", "7001 body.rate_limiting_technique Invalid enum value. Expected 'fixed' | 'sliding', received 'rolling'" },
        { "authentication", 1, "7001 body.authentication Expected boolean, received number" },
        { "log_management", 9_999, "7001 body.log_management Number must be greater than or equal to 10000" },
        { "log_management", 10_000_001, "7001 body.log_management Number must be less than or equal to 10000000" },
        { "log_management_strategy", "KEEP", "7001 body.log_management_strategy Invalid enum value. Expected 'STOP_INSERTING' | 'DELETE_OLDEST', received 'KEEP'" },
        { "retry_max_attempts", 0, "7001 body.retry_max_attempts Number must be greater than or equal to 1" },
        { "retry_max_attempts", 6, "7001 body.retry_max_attempts Number must be less than or equal to 5" },
        { "retry_delay", 60_001, "7001 body.retry_delay Number must be less than or equal to 60000" },
        { "retry_backoff", "none", "7001 body.retry_backoff Invalid enum value. Expected 'constant' | 'linear' | 'exponential', received 'none'" },
        { "logpush_public_key", "short", "7001 body.logpush_public_key String must contain at least 16 character(s)" },
        { "workers_ai_billing_mode", null, "7001 body.workers_ai_billing_mode Expected string, received null" },
        { "guardrails", new { prompt = new Dictionary<string, string> { ["S1"] = "BLOCK" } }, "7001 body.guardrails.response Required" },
        { "guardrails", new { prompt = new Dictionary<string, string> { ["S14"] = "BLOCK" }, response = new { } }, "7001 body.guardrails.prompt.S14 Unknown member: expected one of P1, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13" },
        { "guardrails", new { prompt = new Dictionary<string, string> { ["S1"] = "WARN" }, response = new { } }, "7001 body.guardrails.prompt.S1 Invalid enum value. Expected 'FLAG' | 'BLOCK', received 'WARN'" },
        { "dlp", new { enabled = true, action = "BLOCK" }, "7001 body.dlp.profiles Required" },
        { "dlp", new { enabled = true, policies = new[] { new { id = "p1", enabled = true, action = "FLAG", profiles = Array.Empty<string>() } } }, "7001 body.dlp.policies.0.check Required" },
        { "otel", new[] { new { url = "https://otel.example" } }, "7001 body.otel.0.headers Required" },
        { "spend_limits", new { rules = new[] { new { limit = 0, limitType = "cost", window = 60 } } }, "7001 body.spend_limits.rules.0.limit Number must be greater than 0" },
        { "stripe", new { authorization = "ref" }, "7001 body.stripe.usage_events Required" },
    };

    [Theory, Operation("createGateway")]
    [MemberData(nameof(BadFields), DisableDiscoveryEnumeration = true)]
    public async Task Create_BadField_NamesItByPath(string name, object? value, string error)
    {
        var answer = await emulator.Emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod", (name, value)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([error], answer.Errors);
        Assert.Empty(emulator.Emulator.Account.Gateways);
    }

    [Fact]
    public async Task Create_SeveralBadFields_NamesEachOfThem()
    {
        var answer = await emulator.Emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod", ("cache_ttl", Absent), ("collect_logs", "yes")));

        Assert.Equal(["7001 body.cache_ttl Required", "7001 body.collect_logs Expected boolean, received string"], answer.Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"id\":")]
    [InlineData("{\"id\":\"a\",\"id\":\"b\"}")]
    [InlineData("{\"id\":\"\\ud800\"}")]
    public async Task Create_BodyThatIsNoObject_Is7001OnTheBody(string body)
    {
        var answer = await emulator.Emulator.Management.PostAnswerAsync(Gateways, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["7001 body Input Validation Error"], answer.Errors);
    }

    [Theory, Operation("listGateways")]
    [InlineData("per_page=4", "7001 query.per_page Number must be greater than or equal to 5")]
    [InlineData("per_page=101", "7001 query.per_page Number must be less than or equal to 100")]
    [InlineData("per_page=many", "7001 query.per_page Expected number, received nan")]
    [InlineData("page=0", "7001 query.page Number must be greater than or equal to 1")]
    public async Task List_PageOutOfRange_Is7001WithPath(string query, string error)
    {
        var answer = await emulator.Emulator.Management.GetAnswerAsync($"{Gateways}?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task Create_NineMegabytes_Is413InAnEnvelope()
    {
        var answer = await emulator.Emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod", ("future_setting", new string('x', 9_000_000))));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.False(answer.Body.GetProperty("success").GetBoolean());
    }
}
