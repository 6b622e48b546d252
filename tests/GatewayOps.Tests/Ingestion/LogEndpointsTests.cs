using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Ingestion;

public sealed class LogEndpointsTests(LogEndpointsTests.Stage stage) : IClassFixture<LogEndpointsTests.Stage>, IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly TestDatabase _database = stage.Database;
    private readonly HttpClient _http = stage.Http;

    public async Task InitializeAsync() => await _database.ExecuteAsync("truncate gateway_logs, request_records");

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task List_FollowingNext_GivesEveryEntryOnceNewestFirst()
    {
        await AddAsync("a", 7);
        await AddAsync("b", 6); // the same times as those of a
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("logs").EnumerateArray().Select(row => $"{row.GetProperty("createdAt").GetDateTimeOffset():mm:ss} {row.GetProperty("gateway").GetString()}"));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(13, seen.Count);
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal).Distinct(), seen);
    }

    [Fact]
    public async Task List_OfOneGateway_GivesNoOther()
    {
        await AddAsync("a", 2);
        await AddAsync("b", 2);

        var page = await GetAsync("?gateway=b&limit=2");

        Assert.All(page.GetProperty("logs").EnumerateArray(), row => Assert.Equal("b", row.GetProperty("gateway").GetString()));
        Assert.Equal(2, page.GetProperty("logs").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData("provider=openai", 3)]
    [InlineData("provider=groq", 0)]
    [InlineData("model=m&status=2xx", 1)]
    [InlineData("since=2026-11-21T12:00:01Z&until=2026-11-21T12:00:02Z", 1)]
    [InlineData("requestId=r1", 1)]
    [InlineData("session=s1", 1)]
    [InlineData("session=s2", 0)]
    [InlineData("key=team", 1)]
    public async Task List_Filtered_GivesThose(string filter, int count)
    {
        await AddAsync("a", 3);
        await _database.ExecuteAsync("update gateway_logs set request_id = 'r1', status_code = 201 where id = 'id-1'");
        await _database.ExecuteAsync("""
            insert into request_records (id, at, request_id, method, path, gateway, provider, model, session_id, virtual_key, status, outcome, duration_ms, stream, cache_status, attempts, revision)
            values (gen_random_uuid(), '2026-11-21T12:00:03Z', 'r1', 'POST', '/', 'a', 'openai', 'm', 's1', 'team', 201, 'ok', 1, false, 'miss', 1, 'a@1')
            """);

        Assert.Equal(count, (await GetAsync($"?{(filter.StartsWith("since", StringComparison.Ordinal) ? "" : "since=2026-11-20T00:00:00Z&")}{filter}")).GetProperty("logs").GetArrayLength());
    }

    [Fact]
    public async Task List_NoEntries_IsAnEmptyList() => Assert.Equal("""{"logs":[],"next":null}""", (await GetAsync("?gateway=nobody%00")).GetRawText());

    [Theory]
    [InlineData("?limit=0", "limit_out_of_range")]
    [InlineData("?limit=201", "limit_out_of_range")]
    [InlineData("?cursor=x", "cursor_invalid")]
    [InlineData("?cursor=eA", "cursor_invalid")]
    public async Task List_BadParameter_Is400(string query, string code)
    {
        using var answer = await _http.GetAsync($"/api/v1/logs{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal($"urn:gatewayops:problem:{code}", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task List_WithoutToken_Is401()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/logs");
        using var stranger = new HttpClient { BaseAddress = _http.BaseAddress };
        using var answer = await stranger.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task<JsonElement> GetAsync(string query) => await _http.GetFromJsonAsync<JsonElement>($"/api/v1/logs{query}");

    private async Task AddAsync(string gateway, int count)
    {
        var rows = Enumerable.Range(0, count).Select(i => new GatewayLogRow
        {
            Gateway = gateway,
            Id = $"id-{i}",
            CreatedAt = Start.AddSeconds(i),
            Provider = "openai",
            Model = "m",
            Path = "p",
            Success = true,
            Cached = false,
            DurationMs = 1,
        }).ToList();
        await using var db = await _database.Contexts.CreateDbContextAsync();
        db.GatewayLogs.AddRange(rows);
        Assert.Equal(count, await db.SaveChangesAsync());
    }

    /// <summary>The endpoint alone, over a database that each test empties.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        private WebApplication _app = null!;

        public TestDatabase Database { get; private set; } = null!;

        public HttpClient Http { get; } = new();

        public async Task InitializeAsync()
        {
            Database = await TestDatabase.CreateAsync();
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:GatewayOps", Database.ConnectionString), new("GatewayOps:Operator:Token", "operator-token-of-the-test")]);
            builder.Services.AddSingleton(TimeProvider.System);
            builder.Services.AddStorage(builder.Configuration);
            builder.Services.AddOperatorAccess();
            builder.Services.AddSingleton<GatewayLogStore>();
            _app = builder.Build();
            _app.UseAuthentication();
            _app.UseAuthorization();
            _app.MapLogs();
            await _app.StartAsync();
            Http.BaseAddress = new Uri(_app.Urls.First());
            Http.DefaultRequestHeaders.Add("Authorization", "Bearer operator-token-of-the-test");
        }

        public async Task DisposeAsync()
        {
            Http.Dispose();
            await _app.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
