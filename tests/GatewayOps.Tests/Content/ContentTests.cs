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

    private Task<(HttpStatusCode Status, JsonElement Answer)> AddAsync(string document, string query = "") => AddAsync(Operator, document, query);

    internal static async Task<(HttpStatusCode Status, JsonElement Answer)> AddAsync(HttpClient client, string document, string query)
    {
        using var content = Body(Encoding.UTF8.GetBytes(document));
        using var response = await client.PostAsync($"/api/v1/content{query}", content);
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

    internal static ByteArrayContent Body(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/json");
        return content;
    }
}
