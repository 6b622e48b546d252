using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>Tokens end: revoked, expired, or replaced by a rotation.</summary>
public sealed class OperatorTokenLifeTests
{
    [Fact]
    public async Task Revoked_IsRefusedHereAtOnce_AndByTheOtherReplicaWithin5Seconds()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var here = await TestService.StartAsync(database);
        await using var there = await TestService.StartAsync(database);
        var (id, token) = await here.IssueTokenAsync("ci", "read");
        await there.EventuallyAsync(async () => await there.TokenStatusAsync(token) == 200, "the other replica to know the token", TimeSpan.FromSeconds(5));

        using var revoked = await here.Operator.DeleteAsync($"/api/v1/tokens/{id}");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(401, await here.TokenStatusAsync(token));
        await there.EventuallyAsync(async () => await there.TokenStatusAsync(token) == 401, "the other replica to refuse the token", TimeSpan.FromSeconds(5));
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
        var (_, token) = await service.IssueTokenAsync("ci", "read");

        await service.Database.ExecuteAsync("update operator_tokens set revoked_at = now()");

        await service.EventuallyAsync(async () => await service.TokenStatusAsync(token) == 401, "the poll", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Expired_IsRefused_AndItsNameIsFree()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (id, token) = await service.IssueTokenAsync("ci", "read", expiresIn: 3600);
        Assert.Equal(200, await service.TokenStatusAsync(token));

        clock.Advance(TimeSpan.FromSeconds(3600));

        using var refused = await service.NewClient(token).GetAsync("/api/v1/content");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("expired", await refused.Content.ReadAsStringAsync());
        Assert.Contains("\"expired\"", await service.Operator.GetStringAsync($"/api/v1/tokens/{id}"));
        using var rotated = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", null);
        Assert.Equal(HttpStatusCode.Conflict, rotated.StatusCode);
        var (_, next) = await service.IssueTokenAsync("ci", "read");
        Assert.Equal((200, 401), (await service.TokenStatusAsync(next), await service.TokenStatusAsync(token)));
    }

    [Fact]
    public async Task Rotated_BothCountForTheGrace_ThenTheNewOneAlone()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (id, first) = await service.IssueTokenAsync("ci", "read", expiresIn: 10_000);
        clock.Advance(TimeSpan.FromSeconds(5000));

        using var answer = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", JsonContent.Create(new { grace = 60 }));
        var rotated = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var second = rotated.GetProperty("token").GetString()!;

        Assert.Equal(clock.GetUtcNow().AddSeconds(10_000), rotated.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(clock.GetUtcNow().AddSeconds(60), rotated.GetProperty("previousUntil").GetDateTimeOffset());
        Assert.Equal((200, 200), (await service.TokenStatusAsync(first), await service.TokenStatusAsync(second)));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((401, 200), (await service.TokenStatusAsync(first), await service.TokenStatusAsync(second)));

        using var atOnce = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", JsonContent.Create(new { grace = 0 }));
        Assert.Equal(401, await service.TokenStatusAsync(second));
        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        Assert.Equal(401, await service.TokenStatusAsync((await atOnce.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!));
    }

    [Fact]
    public async Task Rotated_TheGraceNeverOutlastsTheTokenItself_NorARevocation()
    {
        var clock = new TestClock();
        await using var service = await TestService.StartAsync(time: clock);
        var (shortId, shortLived) = await service.IssueTokenAsync("short", "read", expiresIn: 60);
        var (id, token) = await service.IssueTokenAsync("long", "read");
        using var rotated = await service.Operator.PostAsync($"/api/v1/tokens/{shortId}/rotate", null);
        using var other = await service.Operator.PostAsync($"/api/v1/tokens/{id}/rotate", null);

        (await service.Operator.DeleteAsync($"/api/v1/tokens/{id}")).EnsureSuccessStatusCode();
        Assert.Equal(401, await service.TokenStatusAsync(token));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(401, await service.TokenStatusAsync(shortLived));
    }
}
