using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>Operator tokens that are issued: what they open, what is kept of them, and who may issue.</summary>
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
            token = (await service.IssueTokenAsync("ci", "apply")).Token;
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
        var (id, token) = await service.IssueTokenAsync("ci", "read");

        var stored = (await service.Database.QueryAsync<string>("select operator_tokens::text || encode(digest, 'hex') || encode(digest, 'base64') from operator_tokens")).Single();
        var digest = Convert.ToHexStringLower(TokenText.Digest(token));
        var shown = await service.Operator.GetStringAsync("/api/v1/tokens") + await service.Operator.GetStringAsync($"/api/v1/tokens/{id}");

        Assert.Contains(digest, stored);
        Assert.DoesNotContain(token, stored);
        Assert.All((string[])[token, token[4..], digest], secret => Assert.DoesNotContain(secret, shown));
        foreach (var wrong in (string[])[digest, Convert.ToBase64String(TokenText.Digest(token)), "gwo_" + digest])
        {
            Assert.Equal(401, await service.TokenStatusAsync(wrong));
        }
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

        await service.IssueTokenAsync("ci", "read");

        Assert.Contains("token_limit_reached", await refused.Content.ReadAsStringAsync());
        Assert.Equal([1000L], await service.Database.QueryAsync<long>("select count(*) from operator_tokens"));
    }

    [Fact]
    public async Task Pages_AreNewestFirstAndComplete()
    {
        await using var service = await TestService.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await service.IssueTokenAsync($"ci-{i}", "read");
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
        var (secondId, secondToken) = OperatorTokenSteps.Of(await second.Content.ReadFromJsonAsync<JsonElement>());
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
        var (id, token) = OperatorTokenSteps.Of(await made.Content.ReadFromJsonAsync<JsonElement>());
        Assert.Equal(200, await service.TokenStatusAsync(token));
        using var revoked = await service.Anonymous.DeleteAsync($"/api/v1/tokens/{id}");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(401, await service.TokenStatusAsync(token));
        Assert.Equal(HttpStatusCode.OK, (await service.Anonymous.GetAsync("/api/v1/tokens")).StatusCode);
    }

    [Fact]
    public async Task Authentication_AsksNoDatabase()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database);
        var (_, token) = await service.IssueTokenAsync("ci", "apply");
        await database.DisposeAsync();

        using var answer = await service.NewClient(token).PostAsync("/api/v1/content/validate", JsonContent.Create(new { }));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
