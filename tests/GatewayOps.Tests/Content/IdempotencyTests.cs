using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Content;

public sealed class IdempotencyTests
{
    [Fact]
    public async Task SameKey_SameRequest_GetsTheFirstAnswerAlsoAfterARestart()
    {
        await using var database = await TestDatabase.CreateAsync();
        string first;
        await using (var service = await TestService.StartAsync(database))
        {
            first = await (await AddAsync(service.Operator, "key-1", 60)).Content.ReadAsStringAsync();
            await AddAsync(service.Operator, null, 70);
        }

        await using var restarted = await TestService.StartAsync(database);
        using var repeated = await AddAsync(restarted.Operator, "key-1", 60);

        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        Assert.Equal("true", repeated.Headers.GetValues("idempotency-replayed").Single());
        Assert.Equal(first, await repeated.Content.ReadAsStringAsync());
        Assert.Equal([2], await database.QueryAsync<int>("select latest_revision from rule_sets"));
    }

    [Fact]
    public async Task SameKey_OtherBody_Is422()
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service.Operator, "key-1", 60);

        using var other = await AddAsync(service.Operator, "key-1", 61);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Contains("idempotency_key_reused", await other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task SameKey_OtherOperator_IsIndependent()
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service.Operator, "key-1", 60);

        using var other = await AddAsync(service.NewClient(TestService.ApplyToken), "key-1", 61);

        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
    }

    [Fact]
    public async Task SameKey_InParallel_HasOneEffect()
    {
        await using var service = await TestService.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => AddAsync(service.Operator, "key-1", 60)));

        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict]));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created && !answer.Headers.Contains("idempotency-replayed"));
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from revisions"));
    }

    /// <summary>Each holds a connection while it needs another one: as many as the pool has would wait for each other until they time out.</summary>
    [Fact]
    public async Task DifferentKeys_MoreThanThePoolHasConnections_AreAllServed()
    {
        await using var service = await TestService.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 48).Select(i => AddAsync(service.Operator, $"key-{i}", i + 60)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Equal([48L], await service.Database.QueryAsync<long>("select count(*) from revisions"));
    }

    [Fact]
    public async Task SameKey_AfterARefusal_IsServedAnew()
    {
        await using var service = await TestService.StartAsync();
        using var refused = await AddAsync(service.Operator, "key-1", -1);

        using var repeated = await AddAsync(service.Operator, "key-1", 60);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
    }

    [Fact]
    public async Task SameKey_AfterTheProcessDiedHalfWay_IsServedAnew()
    {
        await using var service = await TestService.StartAsync();
        await (await AddAsync(service.Operator, "key-1", 60)).Content.ReadAsStringAsync();
        // What a kill between effect and answer leaves behind.
        await service.Database.ExecuteAsync("update idempotency set status = null, body = null");

        using var repeated = await AddAsync(service.Operator, "key-1", 60);

        var answer = await repeated.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Equal((1, true), (answer.GetProperty("revision").GetInt32(), answer.GetProperty("unchanged").GetBoolean()));
    }

    [Fact]
    public async Task Keys_AreForgottenAfterADay()
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service.Operator, "key-1", 60);
        await service.Database.ExecuteAsync("update idempotency set created_at = created_at - interval '25 hours'");

        using var other = await AddAsync(service.Operator, "key-1", 61);

        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
    }

    [Fact]
    public async Task BadKey_Is400()
    {
        await using var service = await TestService.StartAsync();

        using var answer = await AddAsync(service.Operator, new string('k', 256), 60);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> AddAsync(HttpClient client, string? key, int ttl)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/content?name=prod")
        {
            Content = new StringContent($$$"""{"settings":{"cache_ttl":{{{ttl}}}}}""", Encoding.UTF8, "application/json"),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }
}
