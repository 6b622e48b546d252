using System.ClientModel;
using System.ClientModel.Primitives;
using GatewayOps.Tests.Support;
using OpenAI;
using OpenAI.Chat;

namespace GatewayOps.Tests.Proxy;

/// <summary>An agent that knows nothing of us: OpenAI's own SDK with another address, in a loop of tool calls.</summary>
public sealed class AgentTests
{
    [Fact, Trait("checklist", "S1-25")]
    public async Task ToolLoop_IsCachedAndFallsBack_WithoutAChangeToTheAgent()
    {
        await using var stage = await ProxyStage.StartAsync(
            """
            { "providers": [ { "name": "openrouter", "priority": 1, "model": "openai/gpt-4o-mini" }, { "name": "openai", "priority": 2 } ], "fallback": { "enabled": true, "retry_count": 1 },
              "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 600 } } ] }
            """);
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { status = 503 });

        var (said, first) = await RunAsync(stage);
        await stage.Emulator.ClearUpstreamFaultAsync("openrouter");
        var (again, second) = await RunAsync(stage);

        Assert.Equal("[openai/gpt-4o-mini] The tool said: 18 degrees", said);
        // Both turns fell back from the provider that was down.
        Assert.Equal(["openai 2 miss", "openai 2 miss"], first);
        Assert.Equal(2, second.Count);
        Assert.EndsWith("The tool said: 18 degrees", again, StringComparison.Ordinal);

        var (kept, third) = await RunAsync(stage);
        Assert.Equal(again, kept);
        Assert.All(third, turn => Assert.EndsWith(" hit", turn, StringComparison.Ordinal));
    }

    // What was said at the end, and of each turn who answered, at which attempt and from where.
    private static async Task<(string Said, List<string> Turns)> RunAsync(ProxyStage stage)
    {
        var client = new ChatClient(
            "gpt-4o-mini", new ApiKeyCredential(TestService.ProxyToken), new OpenAIClientOptions { Endpoint = new Uri(stage.Service.BaseUrl, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });
        var options = new ChatCompletionOptions();
        options.Tools.Add(ChatTool.CreateFunctionTool("get_weather", "The weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""")));
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Paris?")];
        var turns = new List<string>();
        while (true)
        {
            var result = await client.CompleteChatAsync(messages, options);
            var headers = result.GetRawResponse().Headers;
            turns.Add($"{Header("provider")} {Header("attempts")} {Header("cache")}");
            if (result.Value.FinishReason != ChatFinishReason.ToolCalls) return (result.Value.Content[0].Text, turns);
            messages.Add(new AssistantChatMessage(result.Value));
            messages.AddRange(result.Value.ToolCalls.Select(call => new ToolChatMessage(call.Id, "18 degrees")));

            string? Header(string name) => headers.TryGetValue($"x-gatewayops-{name}", out var value) ? value : null;
        }
    }
}
