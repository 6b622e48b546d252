using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.Management.Tokens.TestTokens;

namespace GatewayOps.Tests.Emulator.Management.Tokens;

/// <summary>How tokens come, change and go.</summary>
public sealed class TokenLifeTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string UserTokens = "/client/v4/user/tokens";
    private static readonly object Read = Policy("allow", Account, Permission.AiGatewayRead);
    private readonly TestEmulator _emulator = fixture.Emulator;

    [Theory, Operation("createAccountToken", "createUserToken", "verifyAccountToken", "verifyUserToken", "getAccountToken", "getUserToken", "listAccountTokens", "listUserTokens")]
    [InlineData("tokens", "cfat_", "tokens/verify")]
    [InlineData(UserTokens, "cfut_", UserTokens + "/verify")]
    public async Task Create_Token_TellsItsValueOnceAndVerifies(string path, string prefix, string verify)
    {
        var created = (await CreateAsync(_emulator, new { name = "one", policies = new[] { Read } }, path)).Result;
        var (id, value) = (created.GetProperty("id").GetString()!, created.GetProperty("value").GetString()!);
        using var client = ClientOf(_emulator, value);
        var verified = await client.GetAnswerAsync(verify);
        var got = (await _emulator.Management.GetAnswerAsync($"{path}/{id}")).Result;
        var listed = (await _emulator.Management.GetAnswerAsync(path)).Result.EnumerateArray().Single(token => token.GetProperty("id").GetString() == id);

        Assert.StartsWith(prefix, value);
        Assert.False(created.TryGetProperty("last_used_on", out _));
        Assert.Equal((id, "active"), (verified.Result.GetProperty("id").GetString(), verified.Result.GetProperty("status").GetString()));
        Assert.Equal("This API Token is valid and active", verified.Body.GetProperty("messages")[0].GetProperty("message").GetString());
        Assert.True(got.TryGetProperty("last_used_on", out _));
        Assert.Equal("AI Gateway Read", got.GetProperty("policies")[0].GetProperty("permission_groups")[0].GetProperty("name").GetString());
        Assert.False(got.TryGetProperty("value", out _) || listed.TryGetProperty("value", out _));
        Assert.DoesNotContain(value, got.GetRawText());
    }

    [Fact, Operation("verifyUserToken")]
    public async Task Verify_AtTheOtherOwner_Is1001()
    {
        var created = await CreateAsync(_emulator, new { name = "own", policies = new[] { Read } });
        using var client = ClientOf(_emulator, created.Result.GetProperty("value").GetString()!);

        var answer = await client.GetAnswerAsync(UserTokens + "/verify");

        Assert.Equal((HttpStatusCode.Unauthorized, "1001 Invalid API Token"), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Theory, Operation("rollAccountToken", "rollUserToken")]
    [InlineData("tokens")]
    [InlineData(UserTokens)]
    public async Task Roll_Token_TheNewValueIsGoodAndTheOldOneIsNot(string tokens)
    {
        var created = (await CreateAsync(_emulator, new { name = "rolled", policies = new[] { Read } }, tokens)).Result;
        using var old = ClientOf(_emulator, created.GetProperty("value").GetString()!);

        var rolled = await _emulator.Management.CallAsync(HttpMethod.Put, $"{tokens}/{created.GetProperty("id")}/value", new { });
        using var renewed = ClientOf(_emulator, rolled.Result.GetString()!);

        Assert.Equal(HttpStatusCode.Unauthorized, (await old.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal(HttpStatusCode.OK, (await renewed.GetAnswerAsync("ai-gateway/gateways")).Status);
    }

    [Fact]
    public async Task Roll_WithoutABody_IsWhatTheOfficialClientSends()
    {
        var created = (await CreateAsync(_emulator, new { name = "bare", policies = new[] { Read } })).Result;

        var rolled = await _emulator.Management.CallAsync(HttpMethod.Put, $"tokens/{created.GetProperty("id")}/value");
        using var renewed = ClientOf(_emulator, rolled.Result.GetString()!);

        Assert.Equal(HttpStatusCode.OK, (await renewed.GetAnswerAsync("ai-gateway/gateways")).Status);
    }

    [Theory, Operation("updateAccountToken", "updateUserToken")]
    [InlineData("tokens")]
    [InlineData(UserTokens)]
    public async Task Update_Disabled_IsRefusedButVerifies(string tokens)
    {
        var created = (await CreateAsync(_emulator, new { name = "off", policies = new[] { Read } }, tokens)).Result;
        using var client = ClientOf(_emulator, created.GetProperty("value").GetString()!);
        var policyId = created.GetProperty("policies")[0].GetProperty("id").GetString();

        var updated = await _emulator.Management.CallAsync(HttpMethod.Put, $"{tokens}/{created.GetProperty("id")}", new { name = "off2", policies = created.GetProperty("policies"), status = "disabled" });

        Assert.Equal(("off2", "disabled", policyId), (updated.Result.GetProperty("name").GetString(), updated.Result.GetProperty("status").GetString(), updated.Result.GetProperty("policies")[0].GetProperty("id").GetString()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal("disabled", (await client.GetAnswerAsync($"{tokens}/verify")).Result.GetProperty("status").GetString());
    }

    [Theory, Operation("deleteAccountToken", "deleteUserToken")]
    [InlineData("tokens")]
    [InlineData(UserTokens)]
    public async Task Delete_Token_TakesItAway(string tokens)
    {
        var created = (await CreateAsync(_emulator, new { name = "gone", policies = new[] { Read } }, tokens)).Result;
        using var client = ClientOf(_emulator, created.GetProperty("value").GetString()!);
        var path = $"{tokens}/{created.GetProperty("id")}";

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, path);

        Assert.Equal(created.GetProperty("id").GetString(), deleted.Result.GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAnswerAsync("ai-gateway/gateways")).Status);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
            Assert.Equal((HttpStatusCode.NotFound, "1001 Token was not found"), await _emulator.Management.CallAsync(method, path) is var answer ? (answer.Status, answer.Errors.Single()) : default);
    }

    [Fact, Operation("listAccountTokens")]
    public async Task Token_NotBeforeAndExpiry_FollowTheClock()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var created = (await CreateAsync(emulator, new { name = "timed", policies = new[] { Read }, not_before = now.AddHours(1), expires_on = now.AddHours(2) })).Result;
        using var client = ClientOf(emulator, created.GetProperty("value").GetString()!);
        async Task<HttpStatusCode> StatusAsync() => (await client.GetAnswerAsync("ai-gateway/gateways")).Status;
        async Task<int> ListedAsync(string query) => (await emulator.Management.GetAnswerAsync($"tokens{query}")).Result.GetArrayLength();

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync());
        await emulator.AdvanceClockAsync(TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        Assert.Equal(1, await ListedAsync(""));
        await emulator.AdvanceClockAsync(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync());
        Assert.Equal("expired", (await client.GetAnswerAsync("tokens/verify")).Result.GetProperty("status").GetString());
        Assert.Equal((0, 1), (await ListedAsync(""), await ListedAsync("?include_expired=true")));
    }

    [Theory]
    [InlineData("127.0.0.0/8", null, true)]
    [InlineData("10.0.0.1", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1/32", false)]
    [InlineData(null, "10.0.0.0/8", true)]
    [InlineData("::/0", null, false)]
    public async Task Token_RequestIp_DecidesWhereItIsGood(string? within, string? without, bool good)
    {
        var condition = new { request_ip = new { @in = within is null ? [] : new[] { within }, not_in = without is null ? [] : new[] { without } } };
        var created = (await CreateAsync(_emulator, new { name = "bound", policies = new[] { Read }, condition })).Result;
        using var client = ClientOf(_emulator, created.GetProperty("value").GetString()!);

        var answer = await client.GetAnswerAsync("ai-gateway/gateways");

        Assert.Equal(good ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.Status);
        if (!good)
            Assert.Equal(["9109 Cannot use the access token from location: 127.0.0.1"], answer.Errors);
    }

    [Fact]
    public async Task Token_Young_FlapsByTheClockForAMinute()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { TokenPropagation = TimeSpan.FromMinutes(1) });
        var created = (await CreateAsync(emulator, new { name = "young", policies = new[] { Read } })).Result;
        using var client = ClientOf(emulator, created.GetProperty("value").GetString()!);
        var seen = new List<HttpStatusCode>();
        for (var step = 0; step < 13; step++)
        {
            seen.Add((await client.GetAnswerAsync("ai-gateway/gateways")).Status);
            await emulator.AdvanceClockAsync(TokenStore.FlapPeriod);
        }

        Assert.Equal(Enumerable.Range(0, 13).Select(step => step == 12 || step % 2 == 1 ? HttpStatusCode.OK : HttpStatusCode.Forbidden), seen);
    }

    [Fact, Operation("createUserToken")]
    public async Task Create_BeyondTheQuota_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxUserTokens = 2 });
        var body = new { name = "n", policies = new[] { Read } };
        var made = await CreateAsync(emulator, body, UserTokens);
        await CreateAsync(emulator, body, UserTokens);

        var refused = await CreateAsync(emulator, body, UserTokens);
        await emulator.Management.CallAsync(HttpMethod.Delete, $"{UserTokens}/{made.Result.GetProperty("id")}");
        var again = await CreateAsync(emulator, body, UserTokens);

        Assert.Equal((HttpStatusCode.BadRequest, "1001 Maximum number of tokens (2) reached"), (refused.Status, Assert.Single(refused.Errors)));
        Assert.Equal(HttpStatusCode.OK, again.Status);
    }

    [Fact]
    public async Task Create_ManyAtOnce_NeverExceedTheQuota()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxAccountTokens = 10 });
        var body = new { name = "racing", policies = new[] { Read } };

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => CreateAsync(emulator, body)));

        Assert.Equal(10, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(10, answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Result.GetProperty("value").GetString()).Distinct().Count());
        Assert.Equal(10, (await emulator.Management.GetAnswerAsync("tokens?per_page=100")).Result.GetArrayLength());
    }

    [Fact]
    public async Task Refusal_AnotherAssumedCode_IsAnsweredInstead()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { Assumptions = new Assumptions { TokenErrorCode = 1234 } });

        Assert.Equal(["1234 Token was not found"], (await emulator.Management.GetAnswerAsync("tokens/nobody")).Errors);
    }

    [Theory, Operation("createAccountToken")]
    [InlineData("""{"name":"t"}""", "/policies", "Required")]
    [InlineData("""{"name":"","policies":[POLICY]}""", "/name", "String must contain at least 1 character(s)")]
    [InlineData("""{"name":"t","policies":[]}""", "/policies", "Array must contain at least 1 element(s)")]
    [InlineData("""{"name":"t","policies":[{"effect":"maybe","permission_groups":[{"id":"4dc8917b4b40457d88d3035d5dadb054"}],"resources":{"com.cloudflare.api.account.dev-account":"*"}}]}""", "/policies/0/effect", "Invalid enum value. Expected 'allow' | 'deny', received 'maybe'")]
    [InlineData("""{"name":"t","policies":[{"effect":"allow","permission_groups":[{"id":"nothing"}],"resources":{"com.cloudflare.api.account.dev-account":"*"}}]}""", "/policies/0/permission_groups/0/id", "Permission group 'nothing' was not found")]
    [InlineData("""{"name":"t","policies":[{"effect":"allow","permission_groups":[{"id":"4dc8917b4b40457d88d3035d5dadb054"}],"resources":{}}]}""", "/policies/0/resources", "At least one resource is needed")]
    [InlineData("""{"name":"t","policies":[{"effect":"allow","permission_groups":[{"id":"4dc8917b4b40457d88d3035d5dadb054"}],"resources":{"everything":"*"}}]}""", "/policies/0/resources", "'everything' is no resource: expected com.cloudflare.api.account.<id>, say")]
    [InlineData("""{"name":"t","policies":[{"effect":"allow","permission_groups":[{"id":"4dc8917b4b40457d88d3035d5dadb054"}],"resources":{"com.cloudflare.api.account.other":"*"}}]}""", "/policies/0/resources", "Failed common permission check against resources. (Permission group: \"AI Gateway Read\")")]
    [InlineData("""{"name":"t","policies":[POLICY],"expires_on":"tomorrow"}""", "/expires_on", "Expected a time as in 2026-11-20T12:00:00Z")]
    [InlineData("""{"name":"t","policies":[POLICY],"condition":{"request_ip":{"in":["300.1.1.1"]}}}""", "/condition/request_ip/in/0", "'300.1.1.1' is no address and no network in CIDR notation")]
    [InlineData("""["no object"]""", "", "Input Validation Error")]
    [InlineData("{broken", "", "Input Validation Error")]
    public async Task Create_BadBody_IsRefusedWhereItIsWrong(string body, string pointer, string message)
    {
        var sent = body.Replace("POLICY", JsonSerializer.Serialize(Read), StringComparison.Ordinal);

        var answer = await CreateAsync(_emulator, new StringContent(sent));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([$"1001 {message}"], answer.Errors);
        Assert.Equal(pointer, answer.Body.GetProperty("errors")[0].GetProperty("source").GetProperty("pointer").GetString());
    }

    [Fact, Operation("listAccountTokens")]
    public async Task List_PagesAndDirections_HaveEveryTokenOnce()
    {
        await using var emulator = await TestEmulator.StartAsync();
        for (var number = 0; number < 5; number++)
            await CreateAsync(emulator, new { name = $"t{number}", policies = new[] { Read } });
        async Task<string[]> NamesAsync(string query) =>
            [.. (await emulator.Management.GetAnswerAsync($"tokens?{query}")).Result.EnumerateArray().Select(token => token.GetProperty("name").GetString()!)];

        Assert.Equal(["t0", "t1", "t2", "t3", "t4"], (await NamesAsync("page=1&per_page=3")).Concat(await NamesAsync("page=2&per_page=3")));
        Assert.Empty(await NamesAsync("page=3&per_page=3"));
        Assert.Equal(["t4", "t3"], await NamesAsync("direction=desc&per_page=2"));
        Assert.Equal(HttpStatusCode.BadRequest, (await emulator.Management.GetAnswerAsync("tokens?direction=up")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await emulator.Management.GetAnswerAsync("tokens?page=0")).Status);
    }

    [Fact, Operation("listAccountPermissionGroups", "listUserPermissionGroups")]
    public async Task PermissionGroups_Filters_FindByNameAndScope()
    {
        async Task<string[]> NamesAsync(string path) =>
            [.. (await _emulator.Management.GetAnswerAsync(path)).Result.EnumerateArray().Select(group => group.GetProperty("name").GetString()!)];

        var read = (await _emulator.Management.GetAnswerAsync("tokens/permission_groups?name=AI%20Gateway%20Read")).Result[0];
        Assert.Equal(("4dc8917b4b40457d88d3035d5dadb054", "com.cloudflare.api.account"), (read.GetProperty("id").GetString(), read.GetProperty("scopes")[0].GetString()));
        Assert.Contains("AI Gateway Run", await NamesAsync("tokens/permission_groups"));
        Assert.DoesNotContain("API Tokens Read", await NamesAsync("tokens/permission_groups"));
        Assert.Equal(["API Tokens Read", "API Tokens Write"], await NamesAsync(UserTokens + "/permission_groups?scope=com.cloudflare.api.user"));
        Assert.Empty(await NamesAsync("tokens/permission_groups?name=Nothing"));
    }
}
