using System.Text.Json;
using GatewayOps.Client;
using GatewayOps.Client.WorkersAi;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

public sealed class WorkersAiClientTests(ClientStage stage) : IClassFixture<ClientStage>
{
    private WorkersAiOptions Real => new() { AccountId = stage.Emulator.Options.AccountId, ApiToken = stage.Emulator.Options.ApiToken, BaseUrl = stage.Emulator.ApiUrl, Model = "@cf/meta/llama-3-8b-instruct" };

    [Theory, Trait("checklist", "S4-09")]
    [InlineData("@cf/meta/llama-3-70b-instruct", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("@cf/meta/llama-3.2-3b-instruct", "@cf/meta/llama-3.2-3b-instruct")]
    [InlineData("@cf/meta/llama-3.3-70b-instruct-fp8-fast", "@cf/meta/llama-3.3-70b-instruct-fp8-fast")]
    public async Task Model_IsSentByTheNameThatItHas(string model, string sent)
    {
        await using var api = await ScriptedGateway.StartAsync(Answers("""{"response":"hi"}"""));
        using var client = new WorkersAiClient(Of(api) with { Model = model });
        await client.GetResponseAsync("x");
        Assert.Equal($"/client/v4/accounts/acc/ai/run/{sent}", api.Asked[0].Path);
        await using var chat = new GatewayChatClient(api.Options with { Provider = "cloudflare", Model = model });
        Assert.Equal($"workers-ai/{sent}", chat.Metadata.DefaultModelId);
    }

    [Fact, Trait("checklist", "S4-10")]
    public async Task Messages_AreOnePrompt_ToTheByte()
    {
        await using var api = await ScriptedGateway.StartAsync(Answers("""{"response":"hi"}"""));
        using var client = new WorkersAiClient(Of(api));
        ChatMessage[] conversation = [new(ChatRole.System, " Be short. "), new(ChatRole.User, "Hi\n"), new(ChatRole.Assistant, "Hello"), new(ChatRole.User, "Why?")];
        await client.GetResponseAsync(conversation, new ChatOptions { Temperature = 0 });
        var body = JsonSerializer.Deserialize<JsonElement>(api.Asked[0].Body);
        Assert.Equal("SYSTEM: Be short.\n\nUSER: Hi\n\nASSISTANT: Hello\n\nUSER: Why?\n\nASSISTANT:", body.GetProperty("prompt").GetString());
        Assert.Equal("0", body.GetProperty("temperature").GetRawText());

        using var native = new WorkersAiClient(Of(api) with { Input = WorkersAiInput.Messages });
        await native.GetResponseAsync(conversation);
        Assert.Equal(4, JsonSerializer.Deserialize<JsonElement>(api.Asked[1].Body).GetProperty("messages").GetArrayLength());
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])));
    }

    [Theory, Trait("checklist", "S4-11")]
    [InlineData("""{"response":"the text","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""", "the text")]
    [InlineData("""{"response":{"a":1}}""", "{\"a\":1}")]
    [InlineData("""{"choices":[{"message":{"content":"newer"}}]}""", "newer")]
    public async Task Answer_IsTheResponseOfTheResult(string result, string text)
    {
        await using var api = await ScriptedGateway.StartAsync(Answers(result));
        using var client = new WorkersAiClient(Of(api));
        Assert.Equal(text, (await client.GetResponseAsync("x")).Text);
    }

    [Theory, Trait("checklist", "S4-11"), Trait("checklist", "S4-15")]
    [InlineData("null")]
    [InlineData("""{"response":"half of an answer"}""")]
    public async Task SuccessFalse_IsAnErrorOfAllItsMessages(string result)
    {
        await using var api = await ScriptedGateway.StartAsync(ScriptedGateway.Status(200, $$"""{"success":false,"errors":[{"code":1,"message":"first"},{"code":2,"message":"second"}],"messages":[],"result":{{result}}}"""));
        using var client = new WorkersAiClient(Of(api));
        var failure = await Assert.ThrowsAsync<GatewayException>(() => client.GetResponseAsync("x"));
        Assert.Equal((200, "1"), (failure.Status, failure.Code));
        Assert.Contains("first; second", failure.Message);
        Assert.DoesNotContain("half of an answer", failure.Message);
    }

    [Theory, Trait("checklist", "S4-15")]
    [InlineData("""{"success":true,"result":{"other":"beginning of the body"},"errors":[],"messages":[]}""", "beginning of the body")]
    [InlineData("""{"success":true,"errors":[{"code":7,"message":"odd"}]}""", "odd")]
    [InlineData("<html>gateway", "<html>gateway")]
    public async Task Body_WithoutAResponse_IsQuoted(string body, string quoted)
    {
        await using var api = await ScriptedGateway.StartAsync(ScriptedGateway.Status(200, body));
        using var client = new WorkersAiClient(Of(api));
        var failure = await Assert.ThrowsAsync<GatewayException>(() => client.GetResponseAsync("x"));
        Assert.Contains(quoted, failure.Message);
        Assert.Contains("result", failure.Message.Contains("not JSON", StringComparison.Ordinal) ? "result" : failure.Message);
    }

    [Theory, Trait("checklist", "S4-13")]
    [InlineData(7000)]
    [InlineData(7003)]
    public async Task NoRoute_SaysToCheckModelAndAddress(int code)
    {
        await using var api = await ScriptedGateway.StartAsync(ScriptedGateway.Status(404, $$"""{"success":false,"errors":[{"code":{{code}},"message":"No route for that URI"}],"messages":[],"result":null}"""));
        using var client = new WorkersAiClient(Of(api) with { Model = "@cf/meta/llama-3.1-70b-instruc" });
        var failure = await Assert.ThrowsAsync<GatewayModelNotFoundException>(() => client.GetResponseAsync("x"));
        Assert.All(["Check the model", "(with .1)", "Check the address", "/ai/run/", "Did you mean `@cf/meta/llama-3.1-70b-instruct`"], part => Assert.Contains(part, failure.Message));
    }

    [Fact, Trait("checklist", "S4-14")]
    public async Task WrongToken_NamesKeyFileAccountFileAndPermission()
    {
        using var client = new WorkersAiClient(Real with { ApiToken = "wrong-canary" });
        var failure = await Assert.ThrowsAsync<GatewayUnauthorizedException>(() => client.GetResponseAsync("x"));
        Assert.All(["key.env", "account_id.env", "Workers AI"], part => Assert.Contains(part, failure.Message));
        Assert.DoesNotContain("canary", failure.ToString());
    }

    [Fact, Trait("checklist", "S4-01"), Trait("checklist", "S0-02")]
    public void Options_ComeFromTheSameSources()
    {
        using var folder = new TemporaryFolder();
        var keys = Directory.CreateDirectory(Path.Combine(folder.Path, "keys", "cloudflare-key")).FullName;
        File.WriteAllText(Path.Combine(keys, "key.env"), "token-of-file\n");
        var sources = new GatewaySources { Folder = folder.Path, Variable = _ => null };
        var refused = Assert.Throws<GatewayConfigurationException>(() => WorkersAiOptions.FromEnvironment(sources));
        Assert.Equal("CLOUDFLARE_ACCOUNT_ID", refused.Variable);
        Assert.Contains("account_id.env", refused.Message);
        File.WriteAllText(Path.Combine(keys, "account_id.env"), "acc\n");
        var options = WorkersAiOptions.FromEnvironment(sources);
        Assert.Equal(("acc", "token-of-file"), (options.AccountId, options.ApiToken));
        Assert.DoesNotContain("token-of-file", options.ToString());
        Assert.Throws<GatewayConfigurationException>(() => new WorkersAiClient(options with { Model = "../../user/tokens/verify" }));
    }

    [Fact, Trait("checklist", "S3-24")]
    public void WrongOptions_AreRefusedAllAtOnce()
    {
        var refused = Assert.Throws<GatewayConfigurationException>(() => new WorkersAiClient(new WorkersAiOptions { Model = "a b", MaxRetries = 11, RetryJitter = 2 }));
        Assert.All(["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_MODEL", "MaxRetries", "RetryJitter"], part => Assert.Contains(part, refused.Message));
        Assert.Equal(("AccountId", "CLOUDFLARE_ACCOUNT_ID"), (refused.Field, refused.Variable));
    }

    [Fact]
    public async Task Emulator_Runs_Streams_AndQueues()
    {
        using var client = new WorkersAiClient(Real);
        var whole = await client.GetResponseAsync("say this again");
        Assert.NotEmpty(whole.Text);
        Assert.True(whole.Usage?.TotalTokenCount > 0);
        var streamed = await client.GetStreamingResponseAsync("say this again").ToChatResponseAsync();
        Assert.Equal((whole.Text, ChatFinishReason.Stop), (streamed.Text, streamed.FinishReason));
        Assert.True(streamed.Usage?.TotalTokenCount > 0);
        WorkersAiBatchItem[] items = [new("a", [new(ChatRole.User, "first")]), new("b", [new(ChatRole.User, "second")])];
        await Assert.ThrowsAsync<GatewayException>(() => client.QueueAsync(items));
        var batch = await client.QueueAsync(items, new ChatOptions { ModelId = "@cf/meta/llama-3.1-8b-instruct" });
        var answers = await client.WaitAsync(batch, TimeSpan.FromSeconds(5));
        Assert.Equal(["a", "b"], answers!.Select(answer => answer.Reference).Order());
        Assert.All(answers!, answer => Assert.NotEmpty(answer.Text!));
        await Assert.ThrowsAsync<ArgumentException>(() => client.QueueAsync([new("a", []), new("a", [])]));
    }

    [Theory]
    [InlineData("data: {\"response\":\"He\"}\n\n")]
    [InlineData("data: {\"response\":\"He\"}\n\ndata: [DON")]
    [InlineData("")]
    public async Task Stream_WithoutItsEnd_IsTruncated(string events)
    {
        await using var api = await ScriptedGateway.StartAsync(ScriptedGateway.Events(events));
        using var client = new WorkersAiClient(Of(api));
        await Assert.ThrowsAsync<GatewayTruncatedException>(() => client.GetStreamingResponseAsync("x").ToChatResponseAsync());
    }

    [Fact]
    public async Task OutOfCapacity_IsTriedAgain_AndTheDaysAllowanceIsNot()
    {
        const string capacity = """{"success":false,"errors":[{"code":3040,"message":"Capacity temporarily exceeded"}]}""";
        await using var api = await ScriptedGateway.StartAsync(
            ScriptedGateway.Status(429, capacity), ScriptedGateway.Status(429, capacity), Answers("""{"response":"hi"}"""), ScriptedGateway.Status(429, """{"success":false,"errors":[{"code":3036,"message":"used up"}]}"""));
        var clock = new TestClock();
        using var client = new WorkersAiClient(Of(api) with { Timeout = Timeout.InfiniteTimeSpan, RetryJitter = 0 }, time: clock);
        var began = clock.GetUtcNow();
        Assert.Equal("hi", (await clock.RunAsync(client.GetResponseAsync("x"))).Text);
        Assert.Equal(TimeSpan.FromSeconds(1 + 2), clock.GetUtcNow() - began);
        await Assert.ThrowsAsync<GatewayInsufficientCreditsException>(() => client.GetResponseAsync("x"));
        Assert.Equal(4, api.Asked.Count);
    }

    private static Microsoft.AspNetCore.Http.RequestDelegate Answers(string result) => ScriptedGateway.Status(200, $$"""{"result":{{result}},"success":true,"errors":[],"messages":[]}""");

    private static WorkersAiOptions Of(ScriptedGateway api) => new() { AccountId = "acc", ApiToken = "token", BaseUrl = new(api.BaseUrl, "/client/v4") };
}
