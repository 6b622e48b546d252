using System.Text.Json;
using GatewayOps.Client;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

public sealed class ChatTests(ClientStage stage) : IClassFixture<ClientStage>
{
    [Fact, Trait("checklist", "S0-03"), Trait("checklist", "S0-04")]
    public async Task Token_GoesAsBearer_ToTheGatewayOfTheAddress()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("hi"));
        await using var client = gateway.Client();
        await client.ChatAsync("hello");
        var (path, authorization, _) = Assert.Single(gateway.Asked);
        Assert.Equal(("/v1/acc/openai-compat/compat/chat/completions", $"Bearer {ScriptedGateway.Token}"), (path, authorization));
    }

    [Fact, Trait("checklist", "S0-06")]
    public async Task MachineOfOnesOwn_GetsNoAuthorization()
    {
        await using var local = await ScriptedGateway.StartAsync(ScriptedGateway.Says("hi"));
        await using var client = new GatewayChatClient(new GatewayClientOptions { Provider = "lmstudio", Model = "qwen/qwen3", Endpoint = new(local.BaseUrl, "/v1") });
        await client.ChatAsync("hello");
        var (path, authorization, body) = Assert.Single(local.Asked);
        Assert.Equal(("/v1/chat/completions", null), (path, authorization));
        Assert.Contains("\"model\":\"qwen/qwen3\"", body);
    }

    [Theory, Trait("checklist", "S0-05"), Trait("checklist", "S0-14")]
    [InlineData(null, "@cf/meta/llama-2-7b-chat-int8")]
    [InlineData("@cf/tinyllama/tinyllama-1.1b-chat-v1.0", "@cf/tinyllama/tinyllama-1.1b-chat-v1.0")]
    public async Task Model_OfTheEnvironment_IsTheProvidersModel(string? model, string received)
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string?>
        {
            ["CLOUDFLARE_ACCOUNT_ID"] = stage.Emulator.Options.AccountId,
            ["CLOUDFLARE_GATEWAY_TOKEN"] = stage.Emulator.Options.ApiToken,
            ["CLOUDFLARE_GATEWAY_BASE_URL"] = stage.Emulator.BaseUrl.AbsoluteUri,
            ["CLOUDFLARE_MODEL"] = model,
        };
        await using var client = GatewayChatClient.FromEnvironment(sources: new GatewaySources { Variable = environment.GetValueOrDefault, Folder = folder.Path });
        await client.ChatAsync($"which model am I (S0-14 {model})");
        Assert.Equal(received, (await stage.ReceivedAsync("workers-ai", $"S0-14 {model}")).Body.GetProperty("model").GetString());
    }

    [Fact, Trait("checklist", "S0-08"), Trait("checklist", "S3-06"), Trait("checklist", "S3-18")]
    public async Task Settings_ReachTheProvider_ToTheDigit()
    {
        await using var client = new GatewayChatClient(stage.Options("openrouter", "openai/gpt-4o-mini") with { Temperature = 0.7f, MaxOutputTokens = 500 });
        await client.ChatAsync("as configured (S3-06)");
        var (recorded, body) = await stage.ReceivedAsync("openrouter", "S3-06");
        Assert.Equal(("openai/gpt-4o-mini", "0.7", "500"), (body.GetProperty("model").GetString(), body.GetProperty("temperature").GetRawText(), body.GetProperty("max_tokens").GetRawText()));
        // S3-01: the stored key, and not the token.
        Assert.Equal("Bearer sk-stored-canary-openrouter", recorded.GetProperty("headers").GetProperty("authorization").GetString());

        await client.ChatAsync("of this call (S0-08)", options: new ChatOptions { Temperature = 0.2f });
        Assert.Equal("0.2", (await stage.ReceivedAsync("openrouter", "S0-08")).Body.GetProperty("temperature").GetRawText());
    }

    [Fact, Trait("checklist", "S0-10")]
    public async Task Text_ArrivesByteForByte()
    {
        const string said = "Hola, ¿qué es Python? 🐍 \u2028 <b>&'\" (S0-10)";
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says(said));
        await using var client = gateway.Client();
        var reply = await client.ChatAsync(said);
        Assert.Equal(said, reply.Text);
        Assert.Contains("Hola, ¿qué es Python?", gateway.Asked[0].Body);
        Assert.Equal(said, JsonSerializer.Deserialize<JsonElement>(gateway.Asked[0].Body).GetProperty("messages")[0].GetProperty("content").GetString());
        await using var real = stage.Client();
        await real.ChatAsync(said);
        Assert.Equal(said, (await stage.ReceivedAsync("openai", "S0-10")).Body.GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Theory, Trait("checklist", "S3-04"), Trait("checklist", "S3-01")]
    [InlineData("openai", "openai", "gpt-4o")]
    [InlineData("anthropic", "anthropic", "claude-sonnet-4-5")]
    [InlineData("xai", "grok", "grok-2")]
    [InlineData("google", "google-ai-studio", "gemini-2.0-flash")]
    [InlineData("perplexity", "perplexity-ai", "sonar-medium-online")]
    public async Task Provider_ChangesByConfigurationAlone(string name, string upstream, string model)
    {
        await using var client = stage.Client(name, model);
        var reply = await client.ChatAsync($"same code (S3-04 {name})");
        Assert.NotEmpty(reply.Text);
        var (recorded, _) = await stage.ReceivedAsync(upstream, $"S3-04 {name}");
        Assert.DoesNotContain(stage.Emulator.Options.ApiToken, recorded.ToString());
    }

    [Fact, Trait("checklist", "S3-12"), Trait("checklist", "S3-19")]
    public async Task Chat_GivesTextAndUsage()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("Paris."));
        await using var client = gateway.Client();
        var reply = await client.ChatAsync("What is the capital of France?", "You are helpful.");
        Assert.Equal("Paris.", reply.Text);
        Assert.Equal(new GatewayUsage(10, 4, 14, 2, 3, "openai", "gpt-4o-mini-2024", "req-77", 1), reply.Usage);
        var messages = JsonSerializer.Deserialize<JsonElement>(gateway.Asked[0].Body).GetProperty("messages");
        Assert.Equal([("system", "You are helpful."), ("user", "What is the capital of France?")], messages.EnumerateArray().Select(message => (message.GetProperty("role").GetString(), message.GetProperty("content").GetString())));
    }

    [Fact, Trait("checklist", "S3-13"), Trait("checklist", "S3-19")]
    public async Task Stream_GivesPieces_AndTheUsageLast()
    {
        await using var client = stage.Client("openai", "gpt-5");
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("say these words again please (S3-13)")) updates.Add(update);
        Assert.True(updates.Count(update => update.Text.Length > 0) > 1);
        var usage = Assert.Single(updates[^1].Contents.OfType<UsageContent>()).Details;
        Assert.True(usage.TotalTokenCount > 0 && usage.ReasoningTokenCount > 0);
        Assert.DoesNotContain(updates[..^1], update => update.Contents.OfType<UsageContent>().Any());
        var whole = updates.ToChatResponse();
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal((usage.TotalTokenCount, "openai"), (whole.GetGatewayUsage().TotalTokens, whole.GetGatewayUsage().Provider));
        Assert.NotNull(whole.GetGatewayUsage().RequestId);
        Assert.True((await stage.ReceivedAsync("openai", "S3-13")).Body.GetProperty("stream_options").GetProperty("include_usage").GetBoolean());
    }

    [Fact, Trait("checklist", "S3-12")]
    public async Task StreamedAndWhole_AreTheSameAnswer()
    {
        await using var client = stage.Client();
        var whole = await client.ChatAsync("once and again");
        var streamed = await client.GetStreamingResponseAsync("once and again").ToChatResponseAsync();
        Assert.Equal((whole.Text, whole.Usage.TotalTokens), (streamed.Text, streamed.GetGatewayUsage().TotalTokens));
    }

    [Fact]
    public async Task Parts_OfAMessage_AreWrittenAsOpenAiHasThem()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("seen"));
        await using var client = gateway.Client();
        await client.GetResponseAsync(new ChatMessage(ChatRole.User, [
            new TextContent("look"), new UriContent("https://example.com/cat.png", "image/png"), new DataContent(new byte[] { 1, 2 }, "image/png"),
            new DataContent(new byte[] { 3 }, "audio/wav"), new DataContent(new byte[] { 4 }, "application/pdf") { Name = "a.pdf" }, new HostedFileContent("file-1")]));
        var parts = JsonSerializer.Deserialize<JsonElement>(gateway.Asked[0].Body).GetProperty("messages")[0].GetProperty("content");
        Assert.Equal(
            """[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://example.com/cat.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}},{"type":"input_audio","input_audio":{"data":"Aw==","format":"wav"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BA=="}},{"type":"file","file":{"file_id":"file-1"}}]""",
            parts.GetRawText());
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(new ChatMessage(ChatRole.User, [new UriContent("https://example.com/a.mp4", "video/mp4"), new TextContent("?")])));
    }

    [Fact]
    public async Task AdditionalProperties_AreMembersOfTheRequest_ButNotThoseThatAreWrittenAnyway()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("ok"));
        await using var client = gateway.Client();
        await client.ChatAsync("x", options: new ChatOptions { AdditionalProperties = new() { ["logit_bias"] = new Dictionary<string, int> { ["5"] = 1 }, ["user"] = "u" } });
        Assert.Contains("\"logit_bias\":{\"5\":1}", gateway.Asked[0].Body);
        await Assert.ThrowsAsync<ArgumentException>(() => client.ChatAsync("x", options: new ChatOptions { AdditionalProperties = new() { ["stream"] = true } }));
        Assert.Single(gateway.Asked);
    }

    [Fact, Trait("checklist", "S3-12")]
    public async Task Proxy_AnswersTheSameClient()
    {
        await using var proxy = await Proxy.ProxyStage.StartAsync();
        var options = new GatewayClientOptions { AccountId = proxy.Emulator.Options.AccountId, GatewayToken = TestService.ProxyToken, BaseUrl = proxy.Service.BaseUrl, Provider = "openai" };
        await using var byShape = new GatewayChatClient(options);
        var reply = await byShape.ChatAsync("through the proxy");
        Assert.Equal("openai", reply.Usage.Provider);
        Assert.NotNull(reply.Usage.RequestId);
        await using var byEndpoint = new GatewayChatClient(options with { AccountId = "", Endpoint = new(proxy.Service.BaseUrl, "/v1"), Model = "openai/gpt-4o-mini" });
        var streamed = await byEndpoint.GetStreamingResponseAsync("through the proxy").ToChatResponseAsync();
        Assert.Equal(reply.Text, streamed.Text);
        Assert.True(streamed.GetGatewayUsage().TotalTokens > 0);
    }
}
