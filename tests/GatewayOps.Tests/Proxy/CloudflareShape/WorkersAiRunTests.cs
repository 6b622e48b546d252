using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy.CloudflareShape;

/// <summary>`/client/v4/accounts/{account}/ai/run/{model}`: Workers AI in its own shape. Source: checklist S4-07 to S4-11.</summary>
public sealed class WorkersAiRunTests(StageFixture shared) : IClassFixture<StageFixture>
{
    private const string Prompt = """{"prompt":"Hello there"}""";

    private readonly ProxyStage _stage = shared.Stage;

    [Theory, Trait("checklist", "S4-07"), Trait("checklist", "S4-08"), Trait("checklist", "S4-09"), Trait("checklist", "S4-11")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("%40cf%2Fmeta%2Fllama-3-8b-instruct", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("@cf/meta/llama-3-70b-instruct", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("@cf/meta/llama-3.1-70b-instruct", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("@cf/mistral/mistral-7b-instruct-v0.2", "@cf/mistral/mistral-7b-instruct-v0.2")]
    public async Task Model_RawOrEncoded_AnswersInCloudflaresEnvelope(string model, string asked)
    {
        var answer = await RunAsync(model, Prompt);

        Assert.True(answer.Status == 200, answer.Text);
        Assert.True(answer.Json.GetProperty("success").GetBoolean());
        Assert.Contains("Hello there", answer.Json.GetProperty("result").GetProperty("response").GetString(), StringComparison.Ordinal);
        Assert.Empty(answer.Json.GetProperty("errors").EnumerateArray());
        Assert.EndsWith(asked, Uri.UnescapeDataString((await _stage.LastCallAsync("workers-ai")).GetProperty("path").GetString()!), StringComparison.Ordinal);
        var record = await _stage.RecordAsync(answer);
        Assert.Equal(("workers-ai", asked, "ok"), (record.GetProperty("provider").GetString(), record.GetProperty("model").GetString(), record.GetProperty("outcome").GetString()));
        Assert.True(record.GetProperty("tokensIn").GetInt64() > 0 && record.GetProperty("tokensOut").GetInt64() > 0);
    }

    [Theory, Trait("checklist", "S4-10")]
    [InlineData("@cf/meta/llama-3-8b-instruct", """{"messages":[{"role":"user","content":"caf\u00e9"}], "x" : 1.50, "model":"mine","provider":["mine"]}""")]
    [InlineData("@cf/openai/gpt-oss-120b", """{"messages":[{"role":"user","content":"x"}]}""")]
    public async Task Body_ReachesTheModel_AsItCame(string model, string body)
    {
        Assert.Equal(200, (await RunAsync(model, body)).Status);

        Assert.Equal(body, (await _stage.LastCallAsync("workers-ai")).GetProperty("body").GetString());
    }

    [Theory]
    [InlineData("@cf/meta/llama-3-8b-instruct")]
    [InlineData("@cf/openai/gpt-oss-120b")]
    public async Task Stream_CostsWhatTheWholeAnswerDoes(string model)
    {
        var whole = await RunAsync(model, """{"messages":[{"role":"user","content":"How much is it?"}]}""");
        var streamed = await RunAsync(model, """{"messages":[{"role":"user","content":"How much is it?"}],"stream":true}""");

        Assert.Equal("text/event-stream", streamed["content-type"]);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        var (a, b) = (await _stage.RecordAsync(whole), await _stage.RecordAsync(streamed));
        Assert.Equal(("ok", true, Figures(a)), (b.GetProperty("outcome").GetString(), b.GetProperty("stream").GetBoolean(), Figures(b)));

        static string Figures(JsonElement record) => $"{record.GetProperty("tokensIn")} {record.GetProperty("tokensOut")} {record.GetProperty("costUsd")}";
    }

    [Fact]
    public async Task OtherTasks_AreAnsweredToo()
    {
        var vectors = await RunAsync("@cf/baai/bge-base-en-v1.5", """{"text":["a","b"]}""");
        Assert.Equal(2, vectors.Json.GetProperty("result").GetProperty("data").GetArrayLength());

        using var speech = new HttpRequestMessage(HttpMethod.Post, Address("@cf/openai/whisper")) { Content = new ByteArrayContent([82, 73, 70, 70, 0, 1, 2]) };
        speech.Content.Headers.ContentType = new("application/octet-stream");
        var text = await Answer.OfAsync(_stage.Service.Caller, speech);
        Assert.True(text.Status == 200 && text.Json.GetProperty("success").GetBoolean(), text.Text);

        using var picture = new HttpRequestMessage(HttpMethod.Post, Address("@cf/stabilityai/stable-diffusion-xl-base-1.0")) { Content = new StringContent("""{"prompt":"a fox"}""", Encoding.UTF8, "application/json") };
        using var response = await _stage.Service.Caller.SendAsync(picture);
        Assert.Equal((200, "image/png"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await response.Content.ReadAsByteArrayAsync())[..4]);
    }

    [Fact]
    public async Task Queued_IsToldToTheModel()
    {
        var answer = await RunAsync("@cf/meta/llama-3.1-8b-instruct?queueRequest=true", """{"requests":[{"prompt":"a"}]}""");

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal("queued", answer.Json.GetProperty("result").GetProperty("status").GetString());
    }

    /// <summary>Each failure in the envelope that such clients read: `success` false and a message in `errors`.</summary>
    [Theory, Trait("checklist", "S4-13")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "{", 400, 400, "not valid JSON")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "{}", 400, 5006, "AiError")]
    [InlineData("@cf/meta/llama-3.1-8b-instrukt", Prompt, 404, 7003, "Did you mean `@cf/meta/llama-3.1-8b-instruct`")]
    [InlineData("llama-3-70b-instruct", Prompt, 404, 7003, "`llama-3.1-70b-instruct`")]
    [InlineData("openai%2Fgpt-4o", Prompt, 404, 7003, "names its models in full")]
    [InlineData("@cf/meta/..%2F..%2Fx", Prompt, 400, 400, "leads out of itself")]
    [InlineData("@cf/x", Prompt, 404, 7003, "does not have the model `@cf/x`")]
    public async Task Failure_IsInCloudflaresEnvelope(string model, string body, int status, int code, string words)
    {
        var answer = await RunAsync(model, body);

        Assert.True(status == answer.Status, $"{answer.Status} {answer.Text}");
        IsEnvelope(answer, code, words);
    }

    [Fact]
    public async Task Access_IsThatOfTheProxy()
    {
        var path = Address("@cf/meta/llama-3-8b-instruct");
        IsEnvelope(await _stage.PostAsync(Prompt, _stage.Service.Anonymous, path), 10000, "A token is needed");
        var key = await _stage.Service.KeyClientAsync(new { models = new[] { "@cf/mistral/*" } }, "mistral-only");
        var refused = await _stage.PostAsync(Prompt, key, path);
        Assert.Equal(404, refused.Status);
        IsEnvelope(refused, 7003, "this virtual key may not use it");
        Assert.Equal(200, (await _stage.PostAsync(Prompt, key, Address("@cf/mistral/mistral-7b-instruct-v0.1"))).Status);

        IsEnvelope(await _stage.PostAsync(Prompt, path: "/client/v4/accounts/another/ai/run/@cf/meta/llama-3-8b-instruct"), 404, _stage.Emulator.Options.AccountId);
        IsEnvelope(await _stage.PostAsync(Prompt, path: "/client/v4/accounts"), 7000, "No route for that URI");
        using var get = new HttpRequestMessage(HttpMethod.Get, path);
        Assert.Equal(405, (await Answer.OfAsync(_stage.Service.Caller, get)).Status);
        using var getThroughTheGateway = new HttpRequestMessage(HttpMethod.Get, $"/v1/{_stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}/workers-ai/@cf/meta/llama-3-8b-instruct");
        IsEnvelope(await Answer.OfAsync(_stage.Service.Caller, getThroughTheGateway), 405, "it takes POST");
    }

    [Fact]
    public async Task GatewayHeader_ChoosesTheGateway()
    {
        IsEnvelope(await _stage.PostAsync(Prompt, path: Address("@cf/meta/llama-3-8b-instruct"), headers: ("cf-aig-gateway-id", "nowhere")), 2001, "gatewayops gateway create nowhere");
        IsEnvelope(await _stage.PostAsync(Prompt, path: Address("@cf/meta/llama-3-8b-instruct"), headers: ("cf-aig-gateway-id", "../x")), 2001, "names no gateway");
    }

    [Fact]
    public async Task Rules_MeetTheOperationAndTheModel()
    {
        await using var stage = await ProxyStage.StartAsync(
            """{ "rules": [ { "name": "run", "pattern": "/ai/run", "match": { "model": "@cf/meta/*", "provider": "workers-ai" }, "cache": { "enabled": true, "ttl": 600 } } ] }""");
        var path = $"/client/v4/accounts/{stage.Emulator.Options.AccountId}/ai/run/@cf/meta/llama-3-8b-instruct";

        var first = await stage.PostAsync(Prompt, path: path);
        var second = await stage.PostAsync(Prompt, path: path);
        var other = await stage.PostAsync(Prompt, path: path.Replace("llama-3-8b-instruct", "llama-3.1-8b-instruct", StringComparison.Ordinal));

        Assert.Equal(("miss", "hit", "miss"), (first["x-gatewayops-cache"], second["x-gatewayops-cache"], other["x-gatewayops-cache"]));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal("run", (await stage.RecordAsync(first)).GetProperty("rule").GetString());
        var explained = await stage.PostAsync(Prompt, path: "/v1/route-check?path=/ai/run&model=@cf/meta/llama-3-8b-instruct");
        Assert.Equal(("run", "kept"), (explained.Json.GetProperty("rule").GetString(), explained.Json.GetProperty("cache").GetProperty("state").GetString()));
    }

    /// <summary>A 200 that says `success: false` is no answer; an answer cut in the middle of its stream says so.</summary>
    [Fact, Trait("checklist", "S4-11")]
    public async Task Upstream_ThatFailsInASuccess_IsAFailure()
    {
        var body = """{"result":null,"success":false,"errors":[{"code":3043,"message":"Internal server error"},{"code":1,"message":"and another"}],"messages":[]}""";
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            context.Response.ContentType = body[0] == 'd' ? "text/event-stream" : "application/json";
            return context.Response.WriteAsync(body);
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);

        var failed = await Answer.PostAsync(service.Caller, Prompt, "/client/v4/accounts/test-account/ai/run/@cf/meta/llama-3-8b-instruct");
        body = "data: {\"response\":\"half\"}\n\n";
        var cut = await Answer.PostAsync(service.Caller, """{"prompt":"x","stream":true}""", "/client/v4/accounts/test-account/ai/run/@cf/meta/llama-3-8b-instruct");

        Assert.Equal(502, failed.Status);
        IsEnvelope(failed, 2005, "answered with an error instead of a completion: Internal server error; and another");
        Assert.Equal(200, cut.Status);
        Assert.Contains("\"code\":\"stream_truncated\"", cut.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", cut.Text, StringComparison.Ordinal);
    }

    private static void IsEnvelope(Answer answer, int code, string words)
    {
        Assert.False(answer.Json.GetProperty("success").GetBoolean());
        var error = answer.Json.GetProperty("errors")[0];
        Assert.True(code == error.GetProperty("code").GetInt32(), answer.Text);
        Assert.Contains(words, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Array, answer.Json.GetProperty("messages").ValueKind);
    }

    private string Address(string model) => $"/client/v4/accounts/{_stage.Emulator.Options.AccountId}/ai/run/{model}";

    private Task<Answer> RunAsync(string model, string body) => _stage.PostAsync(body, path: Address(model));
}
