using System.Text.Json;

namespace GatewayOps.Tests.Proxy.CloudflareShape;

/// <summary>`/v1/{account}/{gateway}/compat`: what rules, records and usage say of /v1 holds there, whatever the provider.</summary>
public sealed class CompatTests
{
    [Fact, Trait("checklist", "S3-03"), Trait("checklist", "S3-09")]
    public async Task Compat_IsCachedLimitedRecordedAndCounted()
    {
        await using var stage = await ProxyStage.StartAsync(
            """
            { "rules": [ { "name": "chat", "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 600, "key": ["messages"] }, "rate_limit": { "limit": 4, "interval": 600 } } ] }
            """);
        var path = $"/v1/{stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}/compat/chat/completions";
        var answers = new List<Answer>();
        foreach (var model in new[] { "openai/gpt-4o-mini", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-5", "openai/gpt-4o-mini" })
        {
            answers.Add(await stage.PostAsync(ProxyStage.Chat(more: new { model }), path: path));
        }

        Assert.Equal(["miss", "hit", "miss", "hit"], answers[..4].Select(answer => answer["x-gatewayops-cache"]));
        answers[4].IsError(429, "rate_limit_exceeded");
        Assert.NotNull(answers[4]["retry-after"]);
        Assert.Equal((1, 1), (await stage.CallsAsync(), await stage.CallsAsync("anthropic")));
        var records = await stage.RecordsAsync(5);
        Assert.Equal(["hit ok", "hit ok", "miss ok", "miss ok"], records.Where(row => row.GetProperty("outcome").GetString() == "ok").Select(row => $"{row.GetProperty("cache")} {row.GetProperty("outcome")}").Order());
        Assert.Equal("rate_limited", records[0].GetProperty("outcome").GetString());
        var usage = JsonSerializer.Deserialize<JsonElement>(await stage.Service.Operator.GetStringAsync("/api/v1/usage?by=provider"));
        var hits = usage.GetProperty("groups").EnumerateArray().Where(group => group.GetProperty("cacheHits").GetInt64() > 0);
        Assert.Equal(["anthropic 1", "openai 1"], hits.Select(group => $"{group.GetProperty("group")} {group.GetProperty("cacheHits")}").Order());
    }
}
