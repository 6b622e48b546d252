using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

public sealed class OperatorTokenTests
{
    private static readonly Dictionary<string, string> OnlyAnApplierIsConfigured = new()
    {
        ["GatewayOps:Operator:Token"] = "",
        ["GatewayOps:Operator:Tokens:0:Name"] = "applier",
        ["GatewayOps:Operator:Tokens:0:Token"] = TestService.ApplyToken,
        ["GatewayOps:Operator:Tokens:0:Scope"] = "Apply",
        ["GatewayOps:Operator:Tokens:1:Name"] = "",
        ["GatewayOps:Operator:Tokens:1:Token"] = "",
        ["GatewayOps:Operator:Tokens:1:Scope"] = "",
    };

    [Fact]
    public async Task Issued_OpensWhatItsScopeSays_UnderItsName_AlsoAfterARestart()
    {
        await using var database = await TestDatabase.CreateAsync();
        string token;
        await using (var service = await TestService.StartAsync(database))
        {
            token = (await IssueAsync(service, "ci", "apply")).Token;
            await service.AddAsync("before", "{}");
        }

        await using var restarted = await TestService.StartAsync(database);
        var client = restarted.NewClient(token);
        using var added = await client.PostAsync("/api/v1/content?name=x", JsonContent.Create(new { }));
        using var refused = await client.PostAsync("/api/v1/tokens", JsonContent.Create(new { name = "y", scope = "read" }));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Forbidden), (added.StatusCode, refused.StatusCode));
        Assert.Equal(["token.create operator ci/apply", "content.add operator before@1", "content.add ci x@1"],
            await database.QueryAsync<string>("select action || ' ' || actor || ' ' || target from audit order by sequence"));
    }

    [Fact]
    public async Task Token_IsKeptAsADigestThatOpensNothing()
    {
        await using var service = await TestService.StartAsync();
        var (id, token) = await IssueAsync(service, "ci", "read");

        var stored = (await service.Database.QueryAsync<string>("select operator_tokens::text || encode(digest, 'hex') || encode(digest, 'base64') from operator_tokens")).Single();
        var digest = Convert.ToHexStringLower(TokenText.Digest(token));
        var shown = await service.Operator.GetStringAsync("/api/v1/tokens") + await service.Operator.GetStringAsync($"/api/v1/tokens/{id}");

        Assert.Contains(digest, stored);
        Assert.DoesNotContain(token, stored);
        Assert.All((string[])[token, token[4..], digest], secret => Assert.DoesNotContain(secret, shown));
        foreach (var wrong in (string[])[digest, Convert.ToBase64String(TokenText.Digest(token)), "gwo_" + digest])
        {
            Assert.Equal(401, await StatusAsync(service, wrong));
        }
    }

    [Fact]
    public async Task Revoked_IsRefusedHereAtOnce_AndByTheOtherReplicaWithin5Seconds()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var here = await TestService.StartAsync(database);
        await using var there = await TestService.StartAsync(database);
        var (id, token) = await IssueAsync(here, "ci", "read");
        await there.EventuallyAsync(async () => await StatusAsync(there, token) == 200, "the other replica to know the token", TimeSpan.FromSeconds(5));

        using var revoked = await here.Operator.DeleteAsync($"/api/v1/tokens/{id}");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(401, await StatusAsync(here, token));
        await there.EventuallyAsync(async () => await StatusAsync(there, token) == 401, "the other replica to refuse the token", TimeSpan.FromSeconds(5));
        using var answer = await there.NewClient(token).GetAsync("/api/v1/content");
        Assert.Contains("revoked", await answer.Content.ReadAsStringAsync());
        // Again: nothing happens, and nothing is told twice.
        Assert.Equal(HttpStatusCode.NoContent, (await here.Operator.DeleteAsync($"/api/v1/tokens/{id}")).StatusCode);
        Assert.Equal([1L], await database.QueryAsync<long>("select count(*) from audit where action = 'token.revoke'"));
    }

    /// <summary>A notification may be lost with its connection; then the poll finds what changed.</summary>
    [Fact]
    public async Task Revoked_WithoutANotification_IsSeenByThePoll()
    {
        await using var service = await TestService.StartAsync();
        var (_, token) = await IssueAsync(service, "ci", "read");

        await service.Database.ExecuteAsync("update operator_tokens set revoked_at = now()");

        await service.EventuallyAsync(async () => await StatusAsync(service, token) == 401, "the poll", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Expired_IsRefused_AndItsNameIsFree()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (id, token) = await IssueAsync(service, "ci", "read", expiresIn: 3600);
        Assert.Equal(200, await StatusAsync(service, token));

        clock.Advance(TimeSpan.FromSeconds(3600));

        using var refused = await service.NewClient(token).GetAsync("/api/v1/content");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("expired", await refused.Content.ReadAsStringAsync());
        Assert.Contains("\"expired\"", await service.Operator.GetStringAsync($"/api/v1/tokens/{id}"));
        using var rotated = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", null);
        Assert.Equal(HttpStatusCode.Conflict, rotated.StatusCode);
        var (_, next) = await IssueAsync(service, "ci", "read");
        Assert.Equal((200, 401), (await StatusAsync(service, next), await StatusAsync(service, token)));
    }

    [Fact]
    public async Task Rotated_BothCountForTheGrace_ThenTheNewOneAlone()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (id, first) = await IssueAsync(service, "ci", "read", expiresIn: 10_000);
        clock.Advance(TimeSpan.FromSeconds(5000));

        using var answer = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", JsonContent.Create(new { grace = 60 }));
        var rotated = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var second = rotated.GetProperty("token").GetString()!;

        Assert.Equal(clock.GetUtcNow().AddSeconds(10_000), rotated.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(clock.GetUtcNow().AddSeconds(60), rotated.GetProperty("previousUntil").GetDateTimeOffset());
        Assert.Equal((200, 200), (await StatusAsync(service, first), await StatusAsync(service, second)));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((401, 200), (await StatusAsync(service, first), await StatusAsync(service, second)));

        using var atOnce = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", JsonContent.Create(new { grace = 0 }));
        Assert.Equal(401, await StatusAsync(service, second));
        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        Assert.Equal(401, await StatusAsync(service, (await atOnce.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!));
    }

    [Fact]
    public async Task Rotated_TheGraceNeverOutlastsTheTokenItself_NorARevocation()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (shortId, shortLived) = await IssueAsync(service, "short", "read", expiresIn: 60);
        var (id, token) = await IssueAsync(service, "long", "read");
        using var rotated = await service.Operator.PostAsync($"/api/v1/tokens/{shortId}/rotate", null);
        using var other = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", null);

        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        Assert.Equal(401, await StatusAsync(service, token));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(401, await StatusAsync(service, shortLived));
    }

    [Theory]
    [InlineData("ci")]
    [InlineData("operator")]
    [InlineData("local")]
    [InlineData("gatewayops")]
    [InlineData("reader")]
    public async Task Name_ThatAuditRowsKnowAlready_Is409(string name)
    {
        await using var service = await TestService.StartAsync();
        await IssueAsync(service, "ci", "read");

        using var answer = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name, scope = "read" }));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("token_name_taken", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"name":"","scope":"read"}""", 422, "/name")]
    [InlineData("""{"name":"a b","scope":"read"}""", 422, "/name")]
    [InlineData("""{"name":"a\n","scope":"read"}""", 422, "/name")]
    [InlineData("""{"name":"a","scope":"read","expiresIn":59}""", 422, "/expiresIn")]
    [InlineData("""{"name":"a","scope":"read","expiresIn":315360001}""", 422, "/expiresIn")]
    [InlineData("""{"name":"a","scope":"root"}""", 400, "/scope")]
    [InlineData("""{"name":"a","scope":2}""", 400, "/scope")]
    [InlineData("""{"name":"a"}""", 422, "/scope")]
    [InlineData("""{"name":"a","scope":"read","digest":"x"}""", 400, "/digest")]
    public async Task BadRequest_SaysWhere(string body, int status, string pointer)
    {
        await using var service = await TestService.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await service.Operator.PostAsync("/api/v1/tokens", content);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(pointer, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task TokensInUse_HaveABound()
    {
        await using var service = await TestService.StartAsync();
        await service.Database.ExecuteAsync("""
            insert into operator_tokens (id, name, digest, scope, created_at, created_by)
            select gen_random_uuid(), 'token-' || n, sha256(n::text::bytea), 'read', now(), 'test' from generate_series(1, 1000) n
            """);
        using var refused = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name = "ci", scope = "read" }));
        await service.Database.ExecuteAsync("update operator_tokens set revoked_at = now() - interval '31 days' where name = 'token-1'");

        await IssueAsync(service, "ci", "read");

        Assert.Contains("token_limit_reached", await refused.Content.ReadAsStringAsync());
        Assert.Equal([1000L], await service.Database.QueryAsync<long>("select count(*) from operator_tokens"));
    }

    [Fact]
    public async Task Pages_AreNewestFirstAndComplete()
    {
        await using var service = await TestService.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await IssueAsync(service, $"ci-{i}", "read");
        }

        var names = new List<string?>();
        string? next = null;
        do
        {
            var page = await service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/tokens?limit=2{(next is null ? "" : $"&cursor={next}")}");
            names.AddRange(page.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("name").GetString()));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(["ci-4", "ci-3", "ci-2", "ci-1", "ci-0"], names);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.Operator.GetAsync("/api/v1/tokens?cursor=b3RoZXI")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await service.Operator.GetAsync("/api/v1/tokens/x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await service.Operator.DeleteAsync($"/api/v1/tokens/{Guid.NewGuid()}")).StatusCode);
    }

    [Fact]
    public async Task LastAdmin_CannotBeRevoked_WhereTheSettingsHaveNone()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("insert into operator_tokens (id, name, digest, scope, created_at, created_by) values (gen_random_uuid(), 'root', $1, 'admin', now(), 'test')", TokenText.Digest("an-admin-token-of-the-tests"));
        await using var service = await TestService.StartAsync(database, settings: OnlyAnApplierIsConfigured);
        var root = service.NewClient("an-admin-token-of-the-tests");
        var rootId = (await root.GetFromJsonAsync<JsonElement>("/api/v1/tokens")).GetProperty("tokens")[0].GetProperty("id").GetString();

        using var refused = await root.DeleteAsync($"/api/v1/tokens/{rootId}");
        using var second = await root.PostAsync("/api/v1/tokens", JsonContent.Create(new { name = "second", scope = "admin" }));
        var (secondId, secondToken) = Of(await second.Content.ReadFromJsonAsync<JsonElement>());
        var answers = await Task.WhenAll(root.DeleteAsync($"/api/v1/tokens/{secondId}"), service.NewClient(secondToken).DeleteAsync($"/api/v1/tokens/{rootId}"));

        Assert.Contains("last_admin_token", await refused.Content.ReadAsStringAsync());
        // Each revokes the other: one of them stays.
        Assert.Equal([1L], await database.QueryAsync<long>("select count(*) from operator_tokens where scope = 'admin' and revoked_at is null"));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task NoConfiguredToken_LocksNobodyOut_ButHoldsWhoPresentsAToken()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>(OnlyAnApplierIsConfigured)
        {
            ["GatewayOps:Operator:Tokens:0:Name"] = "",
            ["GatewayOps:Operator:Tokens:0:Token"] = "",
            ["GatewayOps:Operator:Tokens:0:Scope"] = "",
        });
        using var made = await service.Anonymous.PostAsync("/api/v1/tokens", JsonContent.Create(new { name = "ci", scope = "admin" }));
        var (id, token) = Of(await made.Content.ReadFromJsonAsync<JsonElement>());
        Assert.Equal(200, await StatusAsync(service, token));
        using var revoked = await service.Anonymous.DeleteAsync($"/api/v1/tokens/{id}");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(401, await StatusAsync(service, token));
        Assert.Equal(HttpStatusCode.OK, (await service.Anonymous.GetAsync("/api/v1/tokens")).StatusCode);
    }

    [Fact]
    public async Task Authentication_AsksNoDatabase()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database);
        var (_, token) = await IssueAsync(service, "ci", "apply");
        await database.DisposeAsync();

        using var answer = await service.NewClient(token).PostAsync("/api/v1/content/validate", JsonContent.Create(new { }));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task SameKey_GivesTheTokenOnce_AndStoresItNowhere()
    {
        await using var database = await TestDatabase.CreateAsync();
        string id, token;
        await using (var service = await TestService.StartAsync(database))
        {
            (id, token) = Of(await (await CreateAsync(service.Operator, "key-1", "ci")).Content.ReadFromJsonAsync<JsonElement>());
        }

        await using var restarted = await TestService.StartAsync(database);
        using var repeated = await CreateAsync(restarted.Operator, "key-1", "ci");
        using var other = await CreateAsync(restarted.Operator, "key-1", "cd");

        var answer = await repeated.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.Created, "true"), (repeated.StatusCode, repeated.Headers.GetValues("idempotency-replayed").Single()));
        Assert.Equal((id, JsonValueKind.Null), (answer.GetProperty("id").GetString(), answer.GetProperty("token").ValueKind));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.DoesNotContain(token, string.Join('\n', await database.QueryAsync<string>("select convert_from(body, 'UTF8') || request_hash from idempotency")));
    }

    [Fact]
    public async Task SameKey_FiftyTimesAtOnce_IssuesOneToken()
    {
        await using var service = await TestService.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CreateAsync(service.Operator, "key-1", "ci")));

        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict]));
        var tokens = await Task.WhenAll(answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).Select(async answer => Of(await answer.Content.ReadFromJsonAsync<JsonElement>()).Token));
        Assert.Single(tokens, token => token is not null);
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from operator_tokens"));
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from audit"));
    }

    /// <summary>A kill between the commit and the answer must not rotate twice: the value before would end without its grace.</summary>
    [Fact]
    public async Task SameKey_OfARotation_IsAnsweredFromItsOwnTransaction()
    {
        await using var service = await TestService.StartAsync();
        var (id, token) = await IssueAsync(service, "ci", "read");
        using var rotated = await RotateAsync();
        using var repeated = await RotateAsync();

        Assert.Equal("true", repeated.Headers.GetValues("idempotency-replayed").Single());
        Assert.Equal(200, await StatusAsync(service, token));
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from audit where action = 'token.rotate'"));

        async Task<HttpResponseMessage> RotateAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/tokens/{id}/rotate") { Headers = { { "Idempotency-Key", "rotation" } } };
            return await service.Operator.SendAsync(request);
        }
    }

    [Fact]
    public async Task SameKey_OfANamesake_IsNotTheirs()
    {
        await using var service = await TestService.StartAsync();
        var (id, first) = await IssueAsync(service, "ci", "admin");
        using var one = await CreateAsync(service.NewClient(first), "key-1", "made-by-the-first");
        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        var (_, second) = await IssueAsync(service, "ci", "admin");

        using var two = await CreateAsync(service.NewClient(second), "key-1", "made-by-the-second");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (one.StatusCode, two.StatusCode));
    }

    [Fact]
    public async Task Mistyped_IsToldFromUnknown()
    {
        await using var service = await TestService.StartAsync();
        var token = TokenText.New(TokenText.OperatorPrefix);

        using var unknown = await service.NewClient(token).GetAsync("/api/v1/content");
        using var cut = await service.NewClient(token[..^3]).GetAsync("/api/v1/content");

        Assert.Contains("not known", await unknown.Content.ReadAsStringAsync());
        Assert.Contains("not whole", await cut.Content.ReadAsStringAsync());
    }

    [Fact]
    public void TokenText_HasAPrefixAChecksumAndNothingTwice()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => TokenText.New(TokenText.OperatorPrefix)).ToList();

        Assert.All(tokens, token => Assert.Matches("^gwo_[A-Za-z0-9_-]{48}$", token));
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
        Assert.All(tokens, token => Assert.False(TokenText.IsMistyped(token, TokenText.OperatorPrefix)));
        // One character changed, at every place.
        Assert.All(Enumerable.Range(4, 48), place => Assert.True(TokenText.IsMistyped(tokens[0][..place] + (tokens[0][place] == 'A' ? 'B' : 'A') + tokens[0][(place + 1)..], TokenText.OperatorPrefix)));
        Assert.All((string[])["gwo_", "gwo_!", tokens[0] + "A", tokens[0][..^1], "gwo_" + new string('é', 48)], text => Assert.True(TokenText.IsMistyped(text, TokenText.OperatorPrefix)));
        Assert.All((string[])["", "another-token", "GWO_x"], text => Assert.False(TokenText.IsMistyped(text, TokenText.OperatorPrefix)));
    }

    private static async Task<(string Id, string Token)> IssueAsync(TestService service, string name, string scope, long? expiresIn = null)
    {
        using var answer = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name, scope, expiresIn }));
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return Of(await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static (string Id, string Token) Of(JsonElement answer) => (answer.GetProperty("id").GetString()!, answer.GetProperty("token").GetString()!);

    private static async Task<HttpResponseMessage> CreateAsync(HttpClient client, string key, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name, scope = "read" }), Headers = { { "Idempotency-Key", key } } };
        return await client.SendAsync(request);
    }

    private static async Task<int> StatusAsync(TestService service, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/tokens") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await service.Anonymous.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
