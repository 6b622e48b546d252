using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.Upstreams;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.WorkersAi.AiCalls;

namespace GatewayOps.Tests.Emulator.WorkersAi;

/// <summary>`/ai/v1/…` and `/ai/run` with and without a gateway.</summary>
public sealed class RestSurfaceTests : IAsyncLifetime
{
    private const string Gateway = "cf-aig-gateway-id: gw";

    private TestEmulator _emulator = null!;

    private HttpClient Api => _emulator.Management;

    private IReadOnlyList<LogRow> Logs(string gateway = "gw") => _emulator.Account.FindGateway(gateway)?.Logs.Visible() ?? [];

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        await _emulator.CreateGatewayAsync("gw");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_MoreThan25Megabytes_Is3006HoweverItIsSent(bool chunked)
    {
        using var large = new StreamContent(new MemoryStream(new byte[(26 << 20) + 1]));
        if (chunked)
            large.Headers.ContentLength = null;

        var answer = await Api.RunAsync($"run/{Llama}", large, chunked ? ["Transfer-Encoding: chunked"] : []);

        Assert.Equal((413, 3006), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Chat_WorkersAiWithoutAGateway_IsNotLogged()
    {
        var answer = await Api.RunAsync("v1/chat/completions", Chat(Llama));

        Assert.Equal("[workers-ai/@cf/meta/llama-3.1-8b-instruct] You said: Hi", answer.Json.TextAt("choices.0.message.content"));
        Assert.DoesNotContain(answer.Headers.Keys, name => name.StartsWith("cf-aig-", StringComparison.Ordinal));
        Assert.Empty(Logs());
        Assert.Null(_emulator.Account.FindGateway("default"));
    }

    [Fact]
    public async Task Chat_WorkersAiThroughAGateway_IsLoggedWithTokensAndNeurons()
    {
        var answer = await Api.RunAsync("v1/chat/completions", Chat(Llama), Gateway);

        Assert.Equal(200, answer.Status);
        var row = Assert.Single(Logs());
        Assert.Equal((answer.Headers["cf-aig-log-id"], "workers-ai", Llama), (row.Id, row.Provider, row.Model));
        Assert.Equal((answer.Json.NumberAt("usage.prompt_tokens"), answer.Json.NumberAt("usage.completion_tokens")), (row.TokensIn, row.TokensOut));
    }

    [Fact]
    public async Task Run_ThroughAGateway_IsCachedAndLimitedByIt()
    {
        await _emulator.CreateGatewayAsync("cached", new Dictionary<string, object?> { ["cache_ttl"] = 300, ["rate_limiting_limit"] = 1, ["rate_limiting_interval"] = 60, ["rate_limiting_technique"] = "fixed" });
        const string header = "cf-aig-gateway-id: cached";

        var first = await Api.RunAsync($"run/{Llama}", """{"prompt":"x"}""", header);
        var second = await Api.RunAsync($"run/{Llama}", """{"prompt":"x"}""", header);
        var third = await Api.RunAsync($"run/{Llama}", """{"prompt":"y"}""", header);

        Assert.Equal(("MISS", "HIT"), (first.Headers["cf-aig-cache-status"], second.Headers["cf-aig-cache-status"]));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal((429, 2003), (third.Status, third.Json.NumberAt("error.0.code")));
        Assert.True(Logs("cached")[0].Neurons > 0);
    }

    [Theory]
    [InlineData("openai/gpt-4o", "openai", "gpt-4o", "[openai/gpt-4o] You said: Hi")]
    [InlineData("google/gemini-2.0-flash", "google-ai-studio", "gemini-2.0-flash", "[google-ai-studio/gemini-2.0-flash] You said: Hi")]
    [InlineData("xai/grok-3", "grok", "grok-3", "[grok/grok-3] You said: Hi")]
    [InlineData("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5", "[anthropic/claude-sonnet-4-5] You said: Hi")]
    public async Task Chat_ThirdParty_GoesThroughTheDefaultGateway(string model, string provider, string logged, string content)
    {
        var answer = await Api.RunAsync("v1/chat/completions", Chat(model));

        Assert.Equal(content, answer.Json.TextAt("choices.0.message.content"));
        var row = Assert.Single(Logs("default"));
        Assert.Equal((provider, logged, true), (row.Provider, row.Model, row.Wholesale));
    }

    [Fact]
    public async Task Responses_AndEmbeddings_OfBothKinds()
    {
        var ours = (await Api.RunAsync("v1/responses", $$"""{"model":"{{Newer}}","input":"Hi"}""")).Json;
        var theirs = (await Api.RunAsync("v1/responses", """{"model":"openai/gpt-4o","input":"Hi"}""", Gateway)).Json;
        var vectors = (await Api.RunAsync("v1/embeddings", $$"""{"model":"{{Bge}}","input":["one","two"]}""")).Json;
        var foreign = (await Api.RunAsync("v1/embeddings", """{"model":"openai/text-embedding-3-small","input":"one"}""", Gateway)).Json;

        Assert.Equal(("completed", "completed"), (ours.TextAt("status"), theirs.TextAt("status")));
        Assert.Equal((2, 768, 1536), (vectors.At("data").GetArrayLength(), vectors.At("data.0.embedding").GetArrayLength(), foreign.At("data.0.embedding").GetArrayLength()));
        Assert.Equal(["openai", "openai"], Logs().Select(row => row.Provider));
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-4-5")]
    [InlineData("openai/gpt-4o")]
    public async Task Messages_OfAnyThirdParty_SpeakAnthropic(string model)
    {
        var answer = await Api.RunAsync("v1/messages", $$"""{"model":"{{model}}","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""", Gateway);

        Assert.Equal("""{"type":"message_stop"}""", answer.Data[^1]);
        while (Logs().Count == 0)
            await Task.Yield();
        Assert.Equal(5, Logs()[0].TokensIn);
    }

    [Theory]
    [InlineData("v1/messages", Llama, 404, 7003)]
    [InlineData("v1/chat/completions", "nobody/model", 404, 7003)]
    [InlineData("v1/chat/completions", "@cf/no/such", 400, 5007)]
    [InlineData("v1/chat/completions", Bge, 400, 5007)]
    [InlineData("v1/embeddings", Llama, 400, 5007)]
    [InlineData("v1/chat/completions", "plain", 404, 3042)]
    public async Task Model_Wrong_StatusAndCode(string path, string model, int status, int code) =>
        Assert.Equal((status, code), await Api.RunAsync(path, $$"""{"model":"{{model}}","max_tokens":5,"input":"x","messages":[{"role":"user","content":"Hi"}]}""") is var no ? (no.Status, no.ErrorCode) : default);

    [Theory]
    [InlineData("v1/chat/completions", "{}")]
    [InlineData("v1/chat/completions", "{")]
    [InlineData("v1/responses", "[]")]
    [InlineData("v1/chat/completions", """{"model":"@cf/meta/llama-3.1-8b-instruct"}""")]
    [InlineData("v1/chat/completions", """{"model":"@cf/meta/llama-3.1-8b-instruct","messages":"x"}""")]
    public async Task Body_Wrong_400(string path, string body) => Assert.Equal((400, 5006), await Api.RunAsync(path, body) is var no ? (no.Status, no.ErrorCode) : default);

    [Fact]
    public async Task Gateway_Unknown_2001() => Assert.Equal(
        (400, 2001), await Api.RunAsync("v1/chat/completions", Chat(Llama), "cf-aig-gateway-id: nobody") is var no ? (no.Status, no.Json.NumberAt("error.0.code")) : default);

    [Theory]
    [InlineData("run/openai/gpt-4o", """{"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("run", """{"model":"openai/gpt-4o","input":{"prompt":"Hi"}}""")]
    public async Task Run_ThirdParty_StateAndResult(string path, string body)
    {
        var result = (await Api.RunAsync(path, body)).Result;

        Assert.Equal(("Completed", "openai", "openai/gpt-4o"), (result.TextAt("state"), result.TextAt("provider"), result.TextAt("model")));
        Assert.Equal("[openai/gpt-4o] You said: Hi", result.TextAt("result.choices.0.message.content"));
        Assert.Single(Logs("default"));
    }

    [Fact]
    public async Task Run_ThirdPartyFails_StateFailed()
    {
        var answer = await Api.RunAsync("run", """{"model":"openai/unknown-x","input":{"prompt":"Hi"}}""");

        Assert.Equal((404, "Failed", 404), (answer.Status, answer.Result.TextAt("state"), answer.Result.NumberAt("error.code")));
        Assert.Equal((7003, false), (answer.ErrorCode, answer.Json.At("success").GetBoolean()));
    }

    [Fact]
    public async Task Run_ThirdPartySpeech_IsRawBytes() =>
        Assert.Equal("audio/mpeg", (await Api.RunAsync("run", """{"model":"openai/tts-1","input":{"text":"Hello"}}""")).ContentType);

    [Fact]
    public async Task Error_ThroughAGateway_KeepsTheRestEnvelopeAndTheLogTheProviders()
    {
        var answer = await Api.RunAsync("run/@cf/no/such", """{"prompt":"x"}""", Gateway);

        Assert.Equal((400, 5007), (answer.Status, answer.ErrorCode));
        Assert.Contains("\"name\":\"AiError\"", System.Text.Encoding.UTF8.GetString(Assert.Single(Logs()).ResponseBody!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ThroughAGateway_IsFramedAsWithout()
    {
        var direct = await Api.RunAsync($"run/{Llama}", """{"prompt":"Hi","stream":true}""");
        var through = await Api.RunAsync($"run/{Llama}", """{"prompt":"Hi","stream":true}""", Gateway);

        Assert.Equal(direct.Text, through.Text);
    }

    private static string Chat(string model) => $$"""{"model":{{JsonSerializer.Serialize(model)}},"messages":[{"role":"user","content":"Hi"}]}""";
}
