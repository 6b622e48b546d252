using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Content;

public sealed class ContentTests : IAsyncLifetime
{
    private TestService _service = null!;

    private HttpClient Operator => _service.Operator;

    public async Task InitializeAsync() => _service = await TestService.StartAsync();

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Add_NewDocument_StoresRevisionOneByteForByte()
    {
        var text = "{ \"name\": \"prod\",\n  \"settings\": {\"cache_ttl\":300} }\n";

        var (status, answer) = await AddAsync(text);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("prod", 1, false), (answer.GetProperty("name").GetString(), answer.GetProperty("revision").GetInt32(), answer.GetProperty("unchanged").GetBoolean()));
        using var stored = await Operator.GetAsync("/api/v1/content/prod");
        Assert.Equal(text, await stored.Content.ReadAsStringAsync());
        Assert.Equal("\"1\"", stored.Headers.ETag!.Tag);
        Assert.Equal("prod@1", stored.Headers.GetValues("x-gatewayops-revision").Single());
    }

    [Fact]
    public async Task Add_SameMeaningAsLatest_AddsNoRevision()
    {
        await AddAsync("""{"name":"prod","settings":{"cache_ttl":300,"collect_logs":true}}""");

        var (status, answer) = await AddAsync("""{ "settings": { "collect_logs": true, "cache_ttl": 300.0 }, "name": "prod" }""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(answer.GetProperty("unchanged").GetBoolean());
        Assert.Equal(1, answer.GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task Add_BackToAnEarlierDocument_IsANewRevision()
    {
        await AddAsync(Document("prod", 60));
        await AddAsync(Document("prod", 120));

        var (_, answer) = await AddAsync(Document("prod", 60));

        Assert.Equal(3, answer.GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task Add_InParallel_NumbersWithoutGaps()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => AddAsync(Document("prod", 60 + i))));

        Assert.Equal(Enumerable.Range(1, 24), answers.Select(a => a.Answer.GetProperty("revision").GetInt32()).Order());
        var audited = await _service.Database.QueryAsync<string>("select target from audit where action = 'content.add'");
        Assert.Equal(24, audited.Distinct().Count());
    }

    [Fact]
    public async Task Add_NameInQuery_WinsOverTheDocument()
    {
        var (_, answer) = await AddAsync(Document("prod", 60), "?name=canary");

        Assert.Equal("canary", answer.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("{}", "", "name_missing", "/name")]
    [InlineData("{}", "?name=Prod", "name_invalid", "/name")]
    [InlineData("{}", "?name=a%00b", "name_invalid", "/name")]
    [InlineData("""{"rulez":[]}""", "?name=x", "unknown_field", "/rulez")]
    [InlineData("""{"rules":{}}""", "?name=x", "wrong_type", "/rules")]
    [InlineData("""{"rules":[{"pattern":"/a"},{"pattern":"/a"}]}""", "?name=x", "rules_tie", "/rules/1")]
    [InlineData("""{"rules":[{"pattern":"/a","cache":{"enabled":true,"ttl":5}}]}""", "?name=x", "out_of_range", "/rules/0/cache/ttl")]
    [InlineData("""{"providers":[{"name":"opnai","priority":1}]}""", "?name=x", "unknown_provider", "/providers/0/name")]
    [InlineData("""{"settings":{"cache_ttl":60,"cache_ttl":70}}""", "?name=x", "duplicate_key", "/settings/cache_ttl")]
    public async Task Add_BadDocument_IsRefusedWithAPointerAndNothingIsStored(string document, string query, string code, string pointer)
    {
        var (status, answer) = await AddAsync(document, query);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var errors = answer.GetProperty("errors").EnumerateArray().ToList();
        var problemCode = answer.GetProperty("type").GetString()!.Split(':')[^1];
        Assert.Contains(errors, e => e.GetProperty("pointer").GetString() == pointer && (problemCode == code || e.GetProperty("code").GetString() == code));
        Assert.Empty(await _service.Database.QueryAsync<string>("select name from rule_sets"));
        Assert.Empty(await _service.Database.QueryAsync<string>("select action from audit"));
    }

    [Theory]
    [InlineData("{\"name\":")]
    [InlineData("")]
    [InlineData("nonsense")]
    public async Task Add_NotJson_Is400(string text)
    {
        var (status, answer) = await AddAsync(text, "?name=x");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("urn:gatewayops:problem:invalid_json", answer.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Add_BrokenUtf8_IsRefusedNotCrashed()
    {
        using var content = Body([.. "{\"name\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        using var response = await Operator.PostAsync("/api/v1/content", content);

        Assert.InRange((int)response.StatusCode, 400, 422);
    }

    [Fact]
    public async Task Add_MoreThanFourMebibytes_Is413NamingTheLimit()
    {
        var (status, answer) = await AddAsync(new string(' ', (4 * 1024 * 1024) + 1), "?name=x");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("4194304", answer.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Add_OtherContentType_Is415()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var response = await Operator.PostAsync("/api/v1/content?name=x", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Add_WithPreconditionThatFails_Is412()
    {
        await AddAsync(Document("prod", 60));
        using var createOnly = Request(HttpMethod.Post, "/api/v1/content", Document("prod", 70), ("If-None-Match", "*"));
        using var stale = Request(HttpMethod.Post, "/api/v1/content", Document("prod", 70), ("If-Match", "\"7\""));
        using var current = Request(HttpMethod.Post, "/api/v1/content", Document("prod", 70), ("If-Match", "\"1\""));

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Operator.SendAsync(createOnly)).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Operator.SendAsync(stale)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await Operator.SendAsync(current)).StatusCode);
    }

    [Fact]
    public async Task Remove_NeedsTheCurrentEntityTag()
    {
        await AddAsync(Document("prod", 60));
        await AddAsync(Document("prod", 70));

        Assert.Equal((HttpStatusCode)428, await RemoveAsync("prod", null));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await RemoveAsync("prod", "\"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await RemoveAsync("prod", "W/\"2\""));
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync("prod", "\"2\""));
        Assert.Equal(HttpStatusCode.NotFound, await RemoveAsync("prod", "\"2\""));
        Assert.Equal(HttpStatusCode.NotFound, (await Operator.GetAsync("/api/v1/content/prod")).StatusCode);
    }

    [Fact]
    public async Task Add_AfterRemoval_ContinuesTheNumbers()
    {
        await AddAsync(Document("prod", 60));
        await RemoveAsync("prod", "*");

        var (status, answer) = await AddAsync(Document("prod", 60));

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(2, answer.GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task Get_WithTheCurrentEntityTag_Is304()
    {
        await AddAsync(Document("prod", 60));
        using var request = Request(HttpMethod.Get, "/api/v1/content/prod", null, ("If-None-Match", "\"1\""));

        Assert.Equal(HttpStatusCode.NotModified, (await Operator.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Revisions_AreListedNewestFirstAndStayReadable()
    {
        foreach (var ttl in (int[])[60, 70, 80])
        {
            await AddAsync(Document("prod", ttl));
        }

        var first = await Operator.GetFromJsonAsync<JsonElement>("/api/v1/content/prod/revisions?limit=2");
        var second = await Operator.GetFromJsonAsync<JsonElement>($"/api/v1/content/prod/revisions?limit=2&cursor={first.GetProperty("next").GetString()}");

        Assert.Equal([3, 2], first.GetProperty("revisions").EnumerateArray().Select(r => r.GetProperty("revision").GetInt32()));
        Assert.Equal([1], second.GetProperty("revisions").EnumerateArray().Select(r => r.GetProperty("revision").GetInt32()));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal("operator", first.GetProperty("revisions")[0].GetProperty("createdBy").GetString());
        Assert.Equal(Document("prod", 60), await Operator.GetStringAsync("/api/v1/content/prod/revisions/1"));
        Assert.Equal(HttpStatusCode.NotFound, (await Operator.GetAsync("/api/v1/content/prod/revisions/9")).StatusCode);
    }

    [Fact]
    public async Task List_PagesByName_EachOnce()
    {
        string[] names = ["b", "a-1", "a.1", "a_1", "a1", "c"];
        foreach (var name in names)
        {
            await AddAsync(Document(name, 60));
        }

        var seen = new List<string>();
        var cursor = "";
        do
        {
            var page = await Operator.GetFromJsonAsync<JsonElement>($"/api/v1/content?limit=2{cursor}");
            seen.AddRange(page.GetProperty("configs").EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
            cursor = page.GetProperty("next").GetString() is { } next ? $"&cursor={next}" : null;
        }
        while (cursor is not null);

        Assert.Equal(names.Order(StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=x")]
    [InlineData("cursor=%21")]
    [InlineData("cursor=AA")]
    public async Task List_BadPage_Is400(string query)
    {
        using var response = await Operator.GetAsync($"/api/v1/content?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Validate_GoodDocument_SaysWhereEachSettingIsEnforcedAndStoresNothing()
    {
        using var content = Body(Encoding.UTF8.GetBytes("""{"rules":[{"pattern":"/chat/completions","cache":{"enabled":true,"ttl":300}}],"settings":{"cache_ttl":60}}"""));
        using var response = await Operator.PostAsync("/api/v1/content/validate", content);

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(answer.GetProperty("valid").GetBoolean());
        Assert.Equal(64, answer.GetProperty("hash").GetString()!.Length);
        Assert.Contains(answer.GetProperty("enforcements").EnumerateArray(), e =>
            e.GetProperty("pointer").GetString() == "/settings/cache_ttl" && e.GetProperty("point").GetString() == "gateway_setting");
        Assert.Empty(await _service.Database.QueryAsync<string>("select name from rule_sets"));
    }

    [Fact]
    public async Task EachWrite_HasOneAuditRow()
    {
        var (_, answer) = await AddAsync(Document("prod", 60));
        await AddAsync(Document("prod", 60));
        await RemoveAsync("prod", "\"1\"");

        var rows = await _service.Database.QueryAsync<string>(
            "select action || ' ' || target || ' ' || actor || ' ' || coalesce(before_hash, '-') || ' ' || coalesce(after_hash, '-') from audit order by id");
        var hash = answer.GetProperty("hash").GetString();
        Assert.Equal([$"content.add prod@1 operator - {hash}", $"content.remove prod@1 operator {hash} -"], rows);
    }

    private static string Document(string name, int ttl) => $$$"""{"name":"{{{name}}}","settings":{"cache_ttl":{{{ttl}}}}}""";

    private async Task<(HttpStatusCode Status, JsonElement Answer)> AddAsync(string document, string query = "")
    {
        using var content = Body(Encoding.UTF8.GetBytes(document));
        using var response = await Operator.PostAsync($"/api/v1/content{query}", content);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<HttpStatusCode> RemoveAsync(string name, string? tag)
    {
        using var request = Request(HttpMethod.Delete, $"/api/v1/content/{name}", null, tag is null ? [] : [("If-Match", tag)]);
        using var response = await Operator.SendAsync(request);
        return response.StatusCode;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? document, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = document is null ? null : Body(Encoding.UTF8.GetBytes(document)) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private static ByteArrayContent Body(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/json");
        return content;
    }
}
