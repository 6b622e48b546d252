using System.Net;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management;

/// <summary>Each choice that the contract leaves open, the other way round.</summary>
public sealed class AssumptionTests
{
    private static Task<TestEmulator> StartAsync(Assumptions assumptions) => TestEmulator.StartAsync(new EmulatorOptions { Assumptions = assumptions });

    [Fact]
    public async Task Unrouted_May_Be400()
    {
        await using var emulator = await StartAsync(new() { UnroutedStatus = 400 });
        foreach (var path in new[] { "ai-gateway/nothing", "/client/v4/accounts/not%20an%20account/ai-gateway/gateways" })
        {
            var answer = await emulator.Management.GetAnswerAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal([7003, 7000], answer.Body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetInt32()));
        }
    }

    [Fact]
    public async Task Gateways_OtherChoices_AreKept()
    {
        await using var emulator = await StartAsync(new() { DuplicateGatewayStatus = 409, LongestCacheTtl = int.MaxValue, DefaultLogStrategy = "DELETE_OLDEST", LogpushKeyLength = (1, 4) });
        var created = await emulator.Management.PostAnswerAsync("ai-gateway/gateways", GatewayBody("gw", ("cache_ttl", 2_592_001)));
        Assert.Equal((2_592_001, "DELETE_OLDEST"), (created.Result.GetProperty("cache_ttl").GetInt32(), created.Result.GetProperty("log_management_strategy").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await emulator.Management.PostAnswerAsync("ai-gateway/gateways", GatewayBody("gw"))).Status);

        var updated = await emulator.Management.CallAsync(HttpMethod.Put, "ai-gateway/gateways/gw", GatewayBody(null, ("log_management_strategy", "STOP_INSERTING"), ("logpush_public_key", "abcd")));
        Assert.Equal("STOP_INSERTING", updated.Result.GetProperty("log_management_strategy").GetString());
        Assert.Equal(
            ["7001 body.logpush_public_key String must contain at most 4 character(s)"],
            (await emulator.Management.CallAsync(HttpMethod.Put, "ai-gateway/gateways/gw", GatewayBody(null, ("logpush_public_key", "abcde")))).Errors);
    }

    [Fact]
    public async Task Pages_OutOfRange_MayBeClamped()
    {
        await using var emulator = await StartAsync(new() { PagesAreClamped = true });
        for (var number = 1; number <= 6; number++)
            await emulator.CreateGatewayAsync($"gw-{number}");
        var answer = await emulator.Management.GetAnswerAsync("ai-gateway/gateways?page=0&per_page=1");
        Assert.Equal(5, answer.Result.GetArrayLength());
        Assert.Equal(["7001 query.per_page Expected number, received nan"], (await emulator.Management.GetAnswerAsync("ai-gateway/gateways?per_page=few")).Errors);
    }

    [Fact]
    public async Task Logs_OfANewerAccount_AreElsewhere()
    {
        await using var emulator = await StartAsync(new() { LogsAreLegacy = false });
        await emulator.CreateGatewayAsync("gw");
        using var chat = await emulator.NewClient($"/v1/{emulator.Options.AccountId}/gw/").PostAsync("openai/chat/completions", new StringContent("""{"model":"gpt-4o","messages":[]}"""));
        var id = chat.Headers.GetValues("cf-aig-log-id").Single();
        Assert.Equal(0, (await emulator.Management.GetAnswerAsync("ai-gateway/gateways/gw/logs")).Result.GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await emulator.Management.GetAnswerAsync($"ai-gateway/gateways/gw/logs/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await emulator.Management.GetAnswerAsync("ai-gateway/gateways/none/logs")).Status);
        Assert.Equal(HttpStatusCode.OK, (await emulator.Management.CallAsync(HttpMethod.Delete, "ai-gateway/gateways/gw/logs")).Status);
        Assert.NotNull(emulator.Account.FindGateway("gw")!.Logs.Find(id));
    }

    [Fact]
    public async Task LogPatch_OtherRanges_AreKept()
    {
        await using var emulator = await StartAsync(new() { FeedbackRange = (0, 5), ScoreRange = (0, 1) });
        await emulator.CreateGatewayAsync("gw");
        using var chat = await emulator.NewClient($"/v1/{emulator.Options.AccountId}/gw/").PostAsync("openai/chat/completions", new StringContent("""{"model":"gpt-4o","messages":[]}"""));
        var log = $"ai-gateway/gateways/gw/logs/{chat.Headers.GetValues("cf-aig-log-id").Single()}";
        Assert.Empty((await emulator.Management.CallAsync(HttpMethod.Patch, log, new { feedback = 5, score = 1 })).Errors);
        Assert.Equal(
            ["7001 body.feedback Number must be greater than or equal to 0", "7001 body.score Number must be less than or equal to 1"],
            (await emulator.Management.CallAsync(HttpMethod.Patch, log, new { feedback = -1, score = 2 })).Errors);
    }

    [Fact]
    public async Task ProviderConfigs_MayCarryABoolean()
    {
        await using var emulator = await StartAsync(new() { DefaultConfigIsNumber = false });
        var store = (await emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "keys" })).Result.GetProperty("id").GetString();
        await emulator.CreateGatewayAsync("gw", new Dictionary<string, object?> { ["store_id"] = store });
        var config = await emulator.Management.PostAnswerAsync("ai-gateway/gateways/gw/provider_configs", new { provider_slug = "openai", alias = "default", default_config = true, secret = "sk-1" });
        Assert.True(config.Result.GetProperty("default_config").GetBoolean());
    }
}
