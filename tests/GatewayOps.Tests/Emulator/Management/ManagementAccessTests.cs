using System.Net;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.Management.Tokens;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management;

public sealed class ManagementAccessTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string Gateways = "/client/v4/accounts/dev-account/ai-gateway/gateways";
    private readonly TestEmulator _emulator = fixture.Emulator;

    private async Task<ManagementAnswer> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var client = _emulator.NewClient();
        foreach (var (name, value) in headers)
            client.DefaultRequestHeaders.Add(name, value);
        return await client.GetAnswerAsync(path);
    }

    [Fact]
    public async Task Any_NoCredentials_Is9106()
    {
        var answer = await GetAsync(Gateways);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(["9106 Missing X-Auth-Key, X-Auth-Email or Authorization headers"], answer.Errors);
        Assert.False(answer.Body.GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task Any_ServiceKey_IsGoodForNothingHere()
    {
        var answer = await GetAsync(Gateways, ("X-Auth-User-Service-Key", "v1.0-0123456789abcdef"));

        Assert.Equal((HttpStatusCode.Forbidden, "9109 Unauthorized to access requested resource"), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Theory]
    [InlineData("Basic ZGV2OmRldg==")]
    [InlineData("dev-token")]
    [InlineData("Bearer dev token")]
    public async Task Any_MalformedAuthorization_Is6003With6111(string authorization)
    {
        var answer = await GetAsync(Gateways, ("Authorization", authorization));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["6003 Invalid request headers"], answer.Errors);
        Assert.Equal(6111, answer.Body.GetProperty("errors")[0].GetProperty("error_chain")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Any_WrongToken_Is10000()
    {
        var answer = await GetAsync(Gateways, ("Authorization", "Bearer wrong"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(["10000 Authentication error"], answer.Errors);
    }

    [Fact]
    public async Task Any_LegacyKey_IsAcceptedWhenRight()
    {
        var options = new EmulatorOptions();

        var right = await GetAsync(Gateways, ("X-Auth-Email", options.ApiEmail), ("X-Auth-Key", options.ApiKey));
        var wrong = await GetAsync(Gateways, ("X-Auth-Email", options.ApiEmail), ("X-Auth-Key", new string('0', 37)));
        var malformed = await GetAsync(Gateways, ("X-Auth-Email", options.ApiEmail), ("X-Auth-Key", "short"));

        Assert.Equal(HttpStatusCode.OK, right.Status);
        Assert.Equal((HttpStatusCode.Forbidden, "9109 Unauthorized to access requested resource"), (wrong.Status, Assert.Single(wrong.Errors)));
        Assert.Equal(6103, malformed.Body.GetProperty("errors")[0].GetProperty("error_chain")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Any_AnotherAccount_Is10000AndAMalformedOneIsUnrouted()
    {
        var other = await _emulator.Management.GetAnswerAsync("/client/v4/accounts/0123456789abcdef0123456789abcdef/ai-gateway/gateways");
        var malformed = await _emulator.Management.GetAnswerAsync("/client/v4/accounts/My_Account/ai-gateway/gateways");

        Assert.Equal((HttpStatusCode.Forbidden, "10000 Authentication error"), (other.Status, Assert.Single(other.Errors)));
        Assert.Equal(HttpStatusCode.NotFound, malformed.Status);
        Assert.StartsWith("7003 Could not route to /accounts/My_Account", malformed.Errors[0]);
    }

    [Theory]
    [InlineData("GET", "/client/v4/accounts/dev-account/ai-gateway/nothing")]
    [InlineData("PATCH", "/client/v4/accounts/dev-account/ai-gateway/gateways")]
    [InlineData("GET", "/client/v4/zones")]
    [InlineData("GET", "/client/v4/zones/file.json")]
    public async Task Any_UnroutedPath_Is7003And7000(string method, string path)
    {
        var answer = await _emulator.Management.CallAsync(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal([$"7003 Could not route to {path["/client/v4".Length..]}, perhaps your object identifier is invalid?", "7000 No route for that URI"], answer.Errors);
    }

    [Theory]
    [InlineData("/client/v4/user/tokens/verify")]
    [InlineData("/client/v4/accounts/dev-account/tokens/verify")]
    public async Task Verify_Token_SaysActiveOr1001(string path)
    {
        var good = await _emulator.Management.GetAnswerAsync(path);
        var wrong = await GetAsync(path, ("Authorization", "Bearer wrong"));
        var none = await GetAsync(path);
        var malformed = await GetAsync(path, ("Authorization", "dev-token"));

        Assert.Equal("active", good.Result.GetProperty("status").GetString());
        Assert.Equal(10000, good.Body.GetProperty("messages")[0].GetProperty("code").GetInt32());
        Assert.Equal((HttpStatusCode.Unauthorized, "1001 Invalid API Token"), (wrong.Status, Assert.Single(wrong.Errors)));
        Assert.Equal((HttpStatusCode.Unauthorized, "1001 Invalid API Token"), (none.Status, Assert.Single(none.Errors)));
        Assert.Equal((HttpStatusCode.BadRequest, "6003 Invalid request headers"), (malformed.Status, Assert.Single(malformed.Errors)));
    }

    [Fact]
    public async Task RateLimit_OneRequestTooMany_BlocksForFiveMinutes()
    {
        await using var small = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 2 });
        var api = small.Management;

        var first = await api.GetAnswerAsync("ai-gateway/gateways");
        await api.GetAnswerAsync("ai-gateway/gateways");
        await small.AdvanceClockAsync(TimeSpan.FromMinutes(4));
        var third = await api.GetAnswerAsync("ai-gateway/gateways");
        await small.AdvanceClockAsync(TimeSpan.FromMinutes(4));
        var blocked = await api.PostAnswerAsync("ai-gateway/gateways", GatewayBody("prod"));
        await small.AdvanceClockAsync(TimeSpan.FromMinutes(1));
        var again = await api.GetAnswerAsync("ai-gateway/gateways");

        Assert.Equal("\"default\";r=1;t=300", first.Response.Headers.GetValues("Ratelimit").Single());
        Assert.Equal("\"burst\";q=2;w=300", first.Response.Headers.GetValues("Ratelimit-Policy").Single());
        Assert.Null(first.Response.Headers.RetryAfter);
        Assert.Equal((HttpStatusCode)429, third.Status);
        Assert.Equal(TimeSpan.FromSeconds(300), third.Response.Headers.RetryAfter?.Delta);
        Assert.Equal((HttpStatusCode)429, blocked.Status);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Empty(again.Result.EnumerateArray());
    }

    [Fact]
    public async Task RateLimit_TokenAndKeyOfOneUser_AreCountedTogetherAndAccountTokensAreNot()
    {
        await using var small = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 2 });
        using var own = await TestTokens.ClientAsync(small, Permission.AiGatewayRead);
        using var key = small.NewClient();
        key.DefaultRequestHeaders.Add("X-Auth-Email", small.Options.ApiEmail);
        key.DefaultRequestHeaders.Add("X-Auth-Key", small.Options.ApiKey);

        Assert.Equal(HttpStatusCode.OK, (await key.GetAnswerAsync(Gateways)).Status);
        Assert.Equal((HttpStatusCode)429, (await small.Management.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal((HttpStatusCode)429, (await key.GetAnswerAsync(Gateways)).Status);
        Assert.Equal("\"default\";r=1;t=300", (await own.GetAnswerAsync("ai-gateway/gateways")).Response.Headers.GetValues("Ratelimit").Single());
    }

    [Fact]
    public async Task AddressLimit_OneRequestTooMany_WaitsASecond()
    {
        await using var small = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerSecondPerAddress = 3 });
        var refused = await small.Management.GetAnswerAsync("ai-gateway/gateways");
        for (var number = 0; number < 500 && refused.Status == HttpStatusCode.OK; number++)
            refused = await small.Management.GetAnswerAsync("ai-gateway/gateways");
        await small.AdvanceClockAsync(TimeSpan.FromSeconds(1));

        Assert.Equal((HttpStatusCode)429, refused.Status);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Response.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, (await small.Management.GetAnswerAsync("ai-gateway/gateways")).Status);
    }

    [Fact]
    public void Budgets_GraphQl_HasItsOwn()
    {
        var options = new EmulatorOptions { RequestsPerFiveMinutes = 5, GraphQlRequestsPerFiveMinutes = 1 };
        var clock = new EmulatorClock();
        var limit = new ManagementRateLimit(new EmulatorState(options, clock), options, clock);

        Assert.True(limit.Take(ApiBudget.GraphQl, "me").Allowed);
        Assert.False(limit.Take(ApiBudget.GraphQl, "me").Allowed);
        Assert.Equal((true, 4), limit.Take(ApiBudget.Rest, "me") is var verdict ? (verdict.Allowed, verdict.Remaining) : default);
    }
}
