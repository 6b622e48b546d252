using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>How virtual keys are made, shown, told apart and ended.</summary>
public sealed class VirtualKeyTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("X-AUTH-TOKEN", "")]
    [InlineData("x-api-key", "")]
    [InlineData(null, "")]
    public async Task Key_InEachPlace_Opens(string? header, string before)
    {
        var (_, token) = await shared.Service.IssueKeyAsync($"place-{header ?? "query"}");
        using var request = new HttpRequestMessage(HttpMethod.Get, header is null ? $"/v1/models?auth_token={token}" : "/v1/models");
        if (header is not null)
        {
            request.Headers.Add(header, before + token);
        }

        Assert.Equal(200, (await Answer.OfAsync(shared.Service.Anonymous, request)).Status);
        Assert.DoesNotContain(token, shared.Service.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Made_IsShownWithItsTermsAndWithoutItsValue()
    {
        var service = shared.Service;
        var terms = new { models = new[] { "gpt-*" }, gateways = new[] { "openai-compat" }, tenant = "acme", requestsPerMinute = 60, tokensPerMinute = 90000, budgetUsd = 12.5, budgetWindow = "month" };
        var (id, token) = await service.IssueKeyAsync("shown", terms, expiresIn: 3600);

        var shown = await service.Operator.GetStringAsync($"/api/v1/tokens/{id}");
        var listed = await service.Operator.GetStringAsync("/api/v1/tokens?kind=key&limit=200");
        var operators = await service.Operator.GetStringAsync("/api/v1/tokens?kind=operator&limit=200");

        Assert.Matches("^gwk_[A-Za-z0-9_-]{48}$", token);
        var json = JsonSerializer.Deserialize<JsonElement>(shown);
        Assert.Equal(("key", JsonValueKind.Null, "active", "shown"), (json.GetProperty("kind").GetString(), json.GetProperty("scope").ValueKind, json.GetProperty("state").GetString(), json.GetProperty("name").GetString()));
        Assert.Equal(
            """{"models":["gpt-*"],"gateways":["openai-compat"],"tenant":"acme","requestsPerMinute":60,"tokensPerMinute":90000,"budgetUsd":12.5,"budgetWindow":"month"}""",
            json.GetProperty("key").GetRawText());
        Assert.Contains(id, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(id, operators, StringComparison.Ordinal);
        Assert.All((string[])[token, token[4..], TokenText.Key(token)], secret => Assert.DoesNotContain(secret, shown + listed + service.Log, StringComparison.Ordinal));
        Assert.Equal([$"token.create shown/key"], await service.Database.QueryAsync<string>("select action || ' ' || target from audit where target = 'shown/key'"));
    }

    [Fact]
    public async Task List_HasBothKinds_NewestFirst_PageByPage()
    {
        await using var service = await TestService.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await service.IssueKeyAsync($"key-{i}");
            (await service.Operator.PostAsJsonAsync("/api/v1/tokens", new { name = $"operator-{i}", scope = "read" })).EnsureSuccessStatusCode();
        }

        var (names, next) = (new List<string>(), "");
        do
        {
            var page = JsonSerializer.Deserialize<JsonElement>(await service.Operator.GetStringAsync($"/api/v1/tokens?limit=2{(next.Length > 0 ? $"&cursor={next}" : "")}"));
            names.AddRange(page.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("name").GetString()!));
            next = page.GetProperty("next").GetString() ?? "";
        }
        while (next.Length > 0);

        Assert.Equal(["operator-2", "key-2", "operator-1", "key-1", "operator-0", "key-0"], names);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.Operator.GetAsync("/api/v1/tokens?kind=x")).StatusCode);
    }

    [Fact]
    public async Task Key_OpensTheProxyAlone_AndAnOperatorTokenTheApiAlone()
    {
        var service = shared.Service;
        var (_, token) = await service.IssueKeyAsync("kinds");
        using var made = await service.Operator.PostAsJsonAsync("/api/v1/tokens", new { name = "kinds", scope = "admin" });
        var admin = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;

        Assert.Equal((200, 401), (await service.ModelsStatusAsync(token), await service.ModelsStatusAsync(admin)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.NewClient(token).GetAsync("/api/v1/tokens")).StatusCode);
    }

    /// <summary>Lessons of other gateways: a stored hash was accepted as a key; keys with a common beginning were one; a key's text reached SQL.</summary>
    [Fact]
    public async Task NothingButTheWholeValue_Opens()
    {
        var service = shared.Service;
        var (_, token) = await service.IssueKeyAsync("whole");
        var digest = TokenText.Digest(token);
        string[] wrong =
        [
            Convert.ToHexStringLower(digest), Convert.ToHexString(digest), Convert.ToBase64String(digest), "gwk_" + Convert.ToHexStringLower(digest), token[..^1], token + "A", token[4..],
            token[..20] + TokenText.New(TokenText.KeyPrefix)[20..], token.ToUpperInvariant(), "gwk_", "GWK_" + token[4..], $"{token} {token}",
            "' or '1'='1", "gwk_' or 1=1 --", "'; drop table virtual_keys; --", "\" or \"\"=\"", "$1", "%", "gwk_%", "gwk_" + new string('A', 8000),
        ];

        foreach (var text in wrong)
        {
            Assert.True(await service.ModelsStatusAsync(text) == 401, text);
            using var inQuery = await service.Anonymous.GetAsync($"/v1/models?auth_token={Uri.EscapeDataString(text)}");
            Assert.True(inQuery.StatusCode == HttpStatusCode.Unauthorized, text);
        }

        Assert.Equal(200, await service.ModelsStatusAsync(token));
        Assert.DoesNotContain(token, (await service.Database.QueryAsync<string>("select virtual_keys::text from virtual_keys")).Single(row => row.Contains("whole", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoKeys_ThatShareAllButTheLastByte_AreTwo()
    {
        await using var service = await TestService.StartAsync();
        var (mine, other) = ("a-key-with-a-very-long-common-beginning-0123456789-A", "a-key-with-a-very-long-common-beginning-0123456789-B");
        await InsertAsync("narrow", mine, "gpt-4o");
        await InsertAsync("wide", other, "*");
        await service.EventuallyAsync(async () => await service.ModelsStatusAsync(other) == 200, "the poll");

        Assert.Equal(["gpt-4o"], await ModelsAsync(mine));
        Assert.True((await ModelsAsync(other)).Count > 10);
        Assert.Equal(401, await service.ModelsStatusAsync(mine[..^1]));

        Task InsertAsync(string name, string token, string models) => service.Database.ExecuteAsync(
            "insert into virtual_keys (id, name, tenant, digest, models, created_at, created_by) values (gen_random_uuid(), $1, $1, $2, array[$3], now(), 'test')", name, TokenText.Digest(token), models);

        async Task<IReadOnlyList<string>> ModelsAsync(string token)
        {
            var list = JsonSerializer.Deserialize<JsonElement>(await service.NewClient(token).GetStringAsync("/v1/models"));
            return [.. list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)];
        }
    }

    [Fact]
    public async Task Revoked_IsRefusedHereAtOnce_AndByTheOtherReplicaWithin5Seconds()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var here = await TestService.StartAsync(database);
        await using var there = await TestService.StartAsync(database);
        var (id, token) = await here.IssueKeyAsync();
        await there.EventuallyAsync(async () => await there.ModelsStatusAsync(token) == 200, "the other replica to know the key", TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.NoContent, (await here.Operator.DeleteAsync($"/api/v1/tokens/{id}")).StatusCode);

        Assert.Equal(401, await here.ModelsStatusAsync(token));
        await there.EventuallyAsync(async () => await there.ModelsStatusAsync(token) == 401, "the other replica to refuse the key", TimeSpan.FromSeconds(5));
        Assert.Contains("revoked", await (await there.NewClient(token).GetAsync("/v1/models")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotated_KeepsItsTermsAndItsId_AndTheOldValueForTheGrace_ThenExpires()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (id, old) = await service.IssueKeyAsync(key: new { models = new[] { "gpt-4o" } }, expiresIn: 7200);

        using var answer = await service.Operator.PostAsJsonAsync($"/api/v1/tokens/{id}/rotate", new { grace = 600 });
        var rotated = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var token = rotated.GetProperty("token").GetString()!;

        Assert.StartsWith("gwk_", token, StringComparison.Ordinal);
        Assert.Equal("gpt-4o", rotated.GetProperty("key").GetProperty("models")[0].GetString());
        Assert.Equal((200, 200), (await service.ModelsStatusAsync(old), await service.ModelsStatusAsync(token)));
        clock.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal((401, 200), (await service.ModelsStatusAsync(old), await service.ModelsStatusAsync(token)));
        clock.Advance(TimeSpan.FromSeconds(6600));
        Assert.Equal(401, await service.ModelsStatusAsync(token));
        Assert.Contains("expired", await (await service.NewClient(token).GetAsync("/v1/models")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["token.create team-a/key", "token.rotate team-a/key"], await service.Database.QueryAsync<string>("select action || ' ' || target from audit order by sequence"));
    }

    [Fact]
    public async Task Repeated_WithTheSameIdempotencyKey_MakesOneKey_AndShowsItOnce()
    {
        await using var service = await TestService.StartAsync();
        var answers = new List<JsonElement>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name = "once", key = new { } }), Headers = { { "Idempotency-Key", "k" } } };
            using var answer = await service.Operator.SendAsync(request);
            answers.Add(await answer.Content.ReadFromJsonAsync<JsonElement>());
        }

        Assert.Equal(answers[0].GetProperty("id").GetString(), answers[1].GetProperty("id").GetString());
        Assert.Equal((JsonValueKind.String, JsonValueKind.Null), (answers[0].GetProperty("token").ValueKind, answers[1].GetProperty("token").ValueKind));
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from virtual_keys"));
        Assert.Equal(HttpStatusCode.Conflict, (await service.Operator.PostAsJsonAsync("/api/v1/tokens", new { name = "once", key = new { } })).StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "/scope")]
    [InlineData("""{"name":"x","scope":"read","key":{}}""", "/scope")]
    [InlineData("""{"name":"a b","key":{}}""", "/name")]
    [InlineData("""{"name":"x","key":{"models":[]}}""", "/key/models")]
    [InlineData("""{"name":"x","key":{"models":["gpt-*","a b"]}}""", "/key/models/1")]
    [InlineData("""{"name":"x","key":{"gateways":[""]}}""", "/key/gateways/0")]
    [InlineData("""{"name":"x","key":{"models":[null]}}""", "/key/models/0")]
    [InlineData("""{"name":"x","key":{"tenant":"a\nb"}}""", "/key/tenant")]
    [InlineData("""{"name":"x","key":{"requestsPerMinute":0}}""", "/key/requestsPerMinute")]
    [InlineData("""{"name":"x","key":{"tokensPerMinute":-1}}""", "/key/tokensPerMinute")]
    [InlineData("""{"name":"x","key":{"budgetUsd":0}}""", "/key/budgetUsd")]
    [InlineData("""{"name":"x","key":{"budgetWindow":"day"}}""", "/key/budgetWindow")]
    [InlineData("""{"name":"x","key":{"budgetUsd":1,"budgetWindow":"week"}}""", "/key/budgetWindow")]
    [InlineData("""{"name":"x","key":{},"expiresIn":59}""", "/expiresIn")]
    public async Task Terms_OutOfBounds_Are422WithTheirPlace(string body, string pointer)
    {
        using var answer = await shared.Service.Operator.PostAsync("/api/v1/tokens", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Contains(pointer, errors.EnumerateArray().Select(error => error.GetProperty("pointer").GetString()));
    }

    [Theory]
    [InlineData("""{"name":"x","key":{"admin":true}}""")]
    [InlineData("""{"name":"x","key":{},"digest":"00"}""")]
    [InlineData("""{"name":"x","key":{"requestsPerMinute":"60"}}""")]
    public async Task Terms_ThatAreNotKnown_Are400(string body)
    {
        using var answer = await shared.Service.Operator.PostAsync("/api/v1/tokens", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task OpenProxy_HoldsWhoPresentsAKeyToIt_AndLetsOthersIn()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Proxy:AuthToken"] = "" });
        var (id, token) = await service.IssueKeyAsync(key: new { gateways = new[] { "another" } });

        Assert.Equal((200, 403, 401), (await service.ModelsStatusAsync("any-api-key"), await service.ModelsStatusAsync(token), await service.ModelsStatusAsync(token[..^1])));
        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        Assert.Equal(401, await service.ModelsStatusAsync(token));
    }
}
