using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>The same Idempotency-Key again: one token, told once.</summary>
public sealed class OperatorTokenRepeatTests
{
    [Fact]
    public async Task SameKey_GivesTheTokenOnce_AndStoresItNowhere()
    {
        await using var database = await TestDatabase.CreateAsync();
        string id, token;
        await using (var service = await TestService.StartAsync(database))
        {
            (id, token) = OperatorTokenSteps.Of(await (await CreateAsync(service.Operator, "key-1", "ci")).Content.ReadFromJsonAsync<JsonElement>());
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
        var tokens = await Task.WhenAll(answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).Select(async answer => OperatorTokenSteps.Of(await answer.Content.ReadFromJsonAsync<JsonElement>()).Token));
        Assert.Single(tokens, token => token is not null);
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from operator_tokens"));
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from audit"));
    }

    /// <summary>A kill between the commit and the answer must not rotate twice: the value before would end without its grace.</summary>
    [Fact]
    public async Task SameKey_OfARotation_IsAnsweredFromItsOwnTransaction()
    {
        await using var service = await TestService.StartAsync();
        var (id, token) = await service.IssueTokenAsync("ci", "read");
        using var rotated = await RotateAsync();
        using var repeated = await RotateAsync();

        Assert.Equal("true", repeated.Headers.GetValues("idempotency-replayed").Single());
        Assert.Equal(200, await service.TokenStatusAsync(token));
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
        var (id, first) = await service.IssueTokenAsync("ci", "admin");
        using var one = await CreateAsync(service.NewClient(first), "key-1", "made-by-the-first");
        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        var (_, second) = await service.IssueTokenAsync("ci", "admin");

        using var two = await CreateAsync(service.NewClient(second), "key-1", "made-by-the-second");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (one.StatusCode, two.StatusCode));
    }

    private static async Task<HttpResponseMessage> CreateAsync(HttpClient client, string key, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name, scope = "read" }), Headers = { { "Idempotency-Key", key } } };
        return await client.SendAsync(request);
    }
}
