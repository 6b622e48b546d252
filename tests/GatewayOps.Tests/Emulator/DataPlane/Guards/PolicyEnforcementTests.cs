using System.Buffers.Text;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

public sealed class PolicyEnforcementTests
{
    private const string Path = "ai-gateway/gateways/gw/policies";
    private const string Dollar = """cf-aig-custom-cost: {"total_cost":1}""";

    [Fact]
    public async Task FirstPolicy_TurnsDefaultDenyOn_DraftsDoNot()
    {
        await using var gateway = await TestGateway.StartAsync();
        await AddAsync(gateway, commit: false, new { name = "draft", actor = "a", resource = new { provider = "anthropic" }, action = new { type = "no-limit" } });
        Assert.Equal(200, (await gateway.ChatAsync()).Status);

        await AddAsync(gateway, commit: true, new { name = "anthropic only", actor = "a", resource = new { provider = "anthropic" }, action = new { type = "no-limit" } });
        var refused = await gateway.ChatAsync();

        Assert.Equal((403, """{"success":false,"error":{"message":"Access denied by policy"}}"""), (refused.Status, refused.Text));
        Assert.Equal(1, await gateway.UpstreamRequestsAsync());
        Assert.Equal([200, 403], gateway.Logs.Select(row => row.StatusCode));
    }

    [Fact]
    public async Task Budget_UsedUp_429UntilTheNextDay()
    {
        await using var gateway = await TestGateway.StartAsync();
        await AddAsync(gateway, commit: true, new { name = "per user", actor = "user:{metadata.user_id}", resource = "*", condition = "has(metadata.user_id)", action = new { type = "limit", amount = 2, period = "daily", technique = "named-interval" } });
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromDays(1) - gateway.State.CreatedAt.TimeOfDay + TimeSpan.FromHours(20));

        Assert.Equal([200, 200, 429], await StatusesAsync(gateway, "alice", 3));
        var refused = await gateway.ChatAsync("x", Dollar, """cf-aig-metadata: {"user_id":"alice"}""");
        var error = refused.Json.GetProperty("error");
        Assert.Equal(("Spending limit exceeded", 2, 2), (error.GetProperty("message").GetString(), error.GetProperty("spent").GetDecimal(), error.GetProperty("limit").GetDecimal()));
        Assert.NotEmpty(error.GetProperty("bucket").GetString()!);
        Assert.Equal([200], await StatusesAsync(gateway, "bob", 1));
        Assert.Equal(403, (await gateway.ChatAsync()).Status);

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromHours(4));
        Assert.Equal([200, 200, 429], await StatusesAsync(gateway, "alice", 3));
    }

    [Fact]
    public async Task AccessToken_TellsWhoCalls()
    {
        await using var gateway = await TestGateway.StartAsync();
        await AddAsync(gateway, commit: true, new { name = "everyone", actor = "all", resource = "*", action = new { type = "no-limit" } });
        await AddAsync(gateway, commit: true, new { name = "no contractors", actor = "all", resource = new { model = "openai/gpt-4o*" }, condition = "'contractors' in cf.user.groups", action = new { type = "block" } });
        await AddAsync(gateway, commit: true, new { name = "not from here", actor = "all", resource = "*", condition = "has(cf.country) && cf.country == 'XX'", action = new { type = "block" } });

        Assert.Equal(200, (await gateway.ChatAsync("x", Token(new { sub = "u1", email = "alice@example.com", groups = (string[])["staff"] }))).Status);
        Assert.Equal(403, (await gateway.ChatAsync("x", Token(new { sub = "u2", email = "bob@example.com", groups = (string[])["contractors"] }))).Status);
        // Who cannot be told to be none is one, where a policy blocks.
        Assert.Equal(403, (await gateway.ChatAsync("x", "Cf-Access-Jwt-Assertion: no token")).Status);
        Assert.Equal(200, (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(model: "gpt-5"))).Status);
        Assert.Equal(403, (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(model: "gpt-5"), TestGateway.ProviderKey, "cf-ipcountry: XX")).Status);
    }

    [Fact]
    public async Task CacheHits_MeetNoPolicy()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 600 });
        await gateway.ChatAsync("cached");
        await AddAsync(gateway, commit: true, new { name = "nobody", actor = "all", resource = "*", action = new { type = "block" } });

        Assert.Equal("HIT", (await gateway.ChatAsync("cached")).CacheStatus);
        Assert.Equal(403, (await gateway.ChatAsync("not cached")).Status);
    }

    [Fact]
    public async Task EngineDown_EverythingIsAllowed()
    {
        await using var gateway = await TestGateway.StartAsync();
        await AddAsync(gateway, commit: true, new { name = "nobody", actor = "all", resource = "*", action = new { type = "block" } });

        await gateway.Emulator.Admin.PutAsJsonAsync("guards/policies", new { down = true });
        Assert.Equal(200, (await gateway.ChatAsync()).Status);
        await gateway.Emulator.Admin.PutAsJsonAsync("guards/policies", new { down = false });
        Assert.Equal(403, (await gateway.ChatAsync()).Status);
    }

    [Fact]
    public async Task PolicyDelay_CommittedPolicies_AreEnforcedLater()
    {
        await using var gateway = await TestGateway.StartAsync(options: new EmulatorOptions { PolicyDelay = TimeSpan.FromMinutes(15) });
        var id = await AddAsync(gateway, commit: true, new { name = "nobody", actor = "all", resource = "*", action = new { type = "block" } });
        Assert.Equal(200, (await gateway.ChatAsync()).Status);

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(403, (await gateway.ChatAsync()).Status);
        await gateway.Emulator.Management.CallAsync(HttpMethod.Delete, $"{Path}/{id}");
        Assert.Equal(403, (await gateway.ChatAsync()).Status);
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(200, (await gateway.ChatAsync()).Status);
    }

    private static async Task<string> AddAsync(TestGateway gateway, bool commit, object policy)
    {
        var answer = await gateway.Emulator.Management.PostAnswerAsync($"{Path}?commit={(commit ? "true" : "false")}", policy);
        Assert.True(answer.Response.IsSuccessStatusCode, answer.Body.ToString());
        return answer.Result.GetProperty("id").GetString()!;
    }

    private static string Token(object claims) => $"Cf-Access-Jwt-Assertion: e30.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}.c2ln";

    private static async Task<List<int>> StatusesAsync(TestGateway gateway, string user, int calls)
    {
        var statuses = new List<int>();
        for (var call = 0; call < calls; call++)
            statuses.Add((await gateway.ChatAsync("x", Dollar, $"cf-aig-metadata: {JsonSerializer.Serialize(new { user_id = user })}")).Status);
        return statuses;
    }
}
