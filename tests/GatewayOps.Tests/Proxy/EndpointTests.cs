#pragma warning disable OPENAI001 // the SDK calls its Responses client experimental
using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using GatewayOps.Tests.Support;
using OpenAI;
using OpenAI.Embeddings;
using OpenAI.Responses;

namespace GatewayOps.Tests.Proxy;

/// <summary>The endpoints beside chat, through the proxy to the emulated gateway: by the vendors' own SDKs, unmodified, or HTTP by hand.</summary>
public sealed class EndpointTests(StageFixture shared) : IClassFixture<StageFixture>
{
    private const string Claude = "claude-sonnet-4-5";

    private readonly ProxyStage _stage = shared.Stage;

    [Fact]
    public async Task Embeddings_BySdk_GivesVectors()
    {
        var client = new EmbeddingClient("text-embedding-3-small", new ApiKeyCredential(TestService.ProxyToken), new OpenAIClientOptions { Endpoint = new Uri(_stage.Service.BaseUrl, "/v1") });

        var vectors = (await client.GenerateEmbeddingsAsync(["Hello there", "¿qué es Python?"], new EmbeddingGenerationOptions { Dimensions = 8 })).Value;

        Assert.Equal([8, 8], vectors.Select(vector => vector.ToFloats().Length));
        // Other tests of the class ask for embeddings, too.
        var record = await _stage.RecordAsync(record => record.GetProperty("path").GetString() == "/v1/embeddings" && record.GetProperty("tokensIn").GetInt32() == vectors.Usage.InputTokenCount);
        Assert.True(record.GetProperty("costUsd").GetDecimal() > 0);
        Assert.Equal("openai", record.GetProperty("provider").GetString());
    }

    [Fact]
    public async Task Responses_BySdk_AnswersWholeAndStreamed()
    {
        var client = new ResponsesClient(new ApiKeyCredential(TestService.ProxyToken), new ResponsesClientOptions { Endpoint = new Uri(_stage.Service.BaseUrl, "/v1") });

        var whole = (await client.CreateResponseAsync("gpt-4o-mini", "Hello there")).Value;
        var text = new StringBuilder();
        ResponseResult? streamed = null;
        await foreach (var update in await client.CreateResponseStreamingAsync("gpt-4o-mini", "Hello there"))
        {
            text.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            streamed = (update as StreamingResponseCompletedUpdate)?.Response ?? streamed;
        }

        Assert.Contains("You said: Hello there", whole.GetOutputText(), StringComparison.Ordinal);
        Assert.Equal((whole.GetOutputText(), whole.GetOutputText(), whole.Usage.OutputTokenCount), (text.ToString(), streamed!.GetOutputText(), streamed.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Messages_BySdk_AnswersWholeAndStreamed()
    {
        using var client = Sdk();

        var whole = await client.Messages.Create(Hello());
        var text = new StringBuilder();
        var stopped = false;
        await foreach (var update in client.Messages.CreateStreaming(Hello()))
        {
            if (update.TryPickContentBlockDelta(out var block) && block.Delta.TryPickText(out var delta))
            {
                text.Append(delta.Text);
            }

            stopped |= update.TryPickStop(out _);
        }

        Assert.True(whole.Content[0].TryPickText(out var said));
        Assert.Contains("You said: Hello there", said.Text, StringComparison.Ordinal);
        Assert.Equal((said.Text, true), (text.ToString(), stopped));
        var call = await _stage.LastCallAsync("anthropic");
        Assert.Equal(ProxyStage.StoredKey + "anthropic", call.GetProperty("headers").GetProperty("x-api-key").GetString());
    }

    [Fact]
    public async Task Messages_Refused_IsATypedErrorOfTheSdk()
    {
        using var stranger = Sdk(key: "wrong");
        using var client = Sdk();

        await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() => stranger.Messages.Create(Hello()));
        var refused = await Assert.ThrowsAnyAsync<AnthropicBadRequestException>(() => client.Messages.Create(Hello() with { MaxTokens = 0 }));
        Assert.Contains("max_tokens", refused.Message, StringComparison.Ordinal);
        var unable = await Assert.ThrowsAnyAsync<AnthropicBadRequestException>(() => client.Messages.Create(Hello() with { Model = "gpt-4o-mini" }));
        Assert.Contains("openai has no /v1/messages. These have: ", unable.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "{", 400, "invalid_request_error")]
    [InlineData("GET", "", 405, "invalid_request_error")]
    [InlineData("POST", """{"model":"anthropic/unknown-model","max_tokens":8,"messages":[{"role":"user","content":"x"}]}""", 404, "not_found_error")]
    [InlineData("POST", "{", 400, "invalid_request_error", "/v1/messages/")]
    [InlineData("GET", "", 405, "invalid_request_error", "/v1/messages/")]
    [InlineData("POST", "{}", 404, "not_found_error", "/v1/messages/count_tokens")]
    [InlineData("GET", "", 404, "not_found_error", "/v1/messages/batches")]
    public async Task Messages_Errors_AreInAnthropicsShape(string method, string body, int status, string type, string path = "/v1/messages")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "GET" ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");

        var answer = await Answer.OfAsync(_stage.Service.Caller, request);

        Assert.True(answer.Status == status, answer.Text);
        Assert.Equal(("error", type), (answer.Json.GetProperty("type").GetString(), answer.Error.GetProperty("type").GetString()));
        Assert.NotEqual("", answer.Error.GetProperty("message").GetString());
    }

    [Theory, Trait("checklist", "S2-04")]
    [InlineData("gpt-3.5-turbo-instruct", "openai", "v1/completions")]
    [InlineData("groq/llama-3-70b", "groq", "openai/v1/chat/completions")]
    [InlineData(Claude, "anthropic", "v1/chat/completions")]
    public async Task Completions_ByAnyProvider_AreTextCompletions(string model, string provider, string path)
    {
        var body = JsonSerializer.Serialize(new { model, prompt = "Hello there", max_tokens = 64 });

        var whole = await _stage.PostAsync(body, path: "/v1/completions");
        var streamed = await _stage.PostAsync(body.Replace("{", """{"stream":true,"x":1.0,""", StringComparison.Ordinal), path: "/v1/completions");

        Assert.True(whole.Status == 200, whole.Text);
        Assert.Equal("text_completion", whole.Json.GetProperty("object").GetString());
        Assert.StartsWith("cmpl-", whole.Json.GetProperty("id").GetString(), StringComparison.Ordinal);
        var text = whole.Json.GetProperty("choices")[0].GetProperty("text").GetString();
        Assert.Contains("Hello there", text, StringComparison.Ordinal);
        Assert.True(whole.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 0);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        var chunks = streamed.Text.Split("\n\n").Where(chunk => chunk.StartsWith("data: {", StringComparison.Ordinal)).Select(chunk => JsonSerializer.Deserialize<JsonElement>(chunk["data: ".Length..])).ToList();
        Assert.Equal(text, string.Concat(chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("text").GetString())));
        Assert.All(chunks, chunk => Assert.Equal(("text_completion", "cmpl-"), (chunk.GetProperty("object").GetString(), chunk.GetProperty("id").GetString()![..5])));
        var call = await _stage.LastCallAsync(provider);
        Assert.Equal(path, call.GetProperty("path").GetString()!.TrimStart('/'));
        Assert.Contains("\"x\":1.0", call.GetProperty("body").GetString(), StringComparison.Ordinal);
    }

    /// <summary>The same question costs the same, whole or streamed, in every dialect.</summary>
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"How much is it?"}]}""")]
    [InlineData("/v1/chat/completions", """{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"How much is it?"}]}""")]
    [InlineData("/v1/completions", """{"model":"gpt-3.5-turbo-instruct","prompt":"How much is it?"}""")]
    [InlineData("/v1/completions", """{"model":"claude-sonnet-4-5","prompt":"How much is it?"}""")]
    [InlineData("/v1/responses", """{"model":"gpt-4o-mini","input":"How much is it?"}""")]
    [InlineData("/v1/messages", """{"model":"claude-sonnet-4-5","max_tokens":64,"messages":[{"role":"user","content":"How much is it?"}]}""")]
    public async Task Cost_StreamedAndWhole_AreEqual(string path, string body)
    {
        var whole = await _stage.PostAsync(body, path: path, headers: ("anthropic-version", "2023-06-01"));
        var streamed = await _stage.PostAsync(body.Insert(1, "\"stream\":true,"), path: path, headers: ("anthropic-version", "2023-06-01"));

        Assert.Equal((200, 200), (whole.Status, streamed.Status));
        Assert.Equal("text/event-stream", streamed["content-type"]);
        var (a, b) = (await _stage.RecordAsync(whole), await _stage.RecordAsync(streamed));
        Assert.Equal(Figures(a), Figures(b));
        Assert.True(a.GetProperty("tokensIn").GetInt64() > 0 && a.GetProperty("tokensOut").GetInt64() > 0 && a.GetProperty("costUsd").GetDecimal() > 0);
        Assert.Equal(("ok", "ok", false, true), (a.GetProperty("outcome").GetString(), b.GetProperty("outcome").GetString(), a.GetProperty("stream").GetBoolean(), b.GetProperty("stream").GetBoolean()));

        static (long, long, decimal) Figures(JsonElement record) =>
            (record.GetProperty("tokensIn").GetInt64(), record.GetProperty("tokensOut").GetInt64(), record.GetProperty("costUsd").GetDecimal());
    }

    [Theory]
    [InlineData("/v1/embeddings", """{ "z":1.50, "model": "text-embedding-3-small", "input": ["caf\u00e9"], "provider" : "openai" }""", """{ "z":1.50, "model": "text-embedding-3-small", "input": ["caf\u00e9"] }""", "openai")]
    [InlineData("/v1/responses", """{"input":"caf\u00e9", "x" : null,"model":"openai/gpt-4o-mini"}""", """{"input":"caf\u00e9", "x" : null,"model":"gpt-4o-mini"}""", "openai")]
    [InlineData("/v1/messages", """{"model":"openrouter/anthropic/claude-3.5-sonnet","max_tokens":9,"messages":[ {"role":"user","content":"caf\u00e9"}], "x":{"a" :1.0}}""", """{"model":"anthropic/claude-3.5-sonnet","max_tokens":9,"messages":[ {"role":"user","content":"caf\u00e9"}], "x":{"a" :1.0}}""", "openrouter")]
    [InlineData("/v1/completions", """{"model":"openai/gpt-3.5-turbo-instruct","prompt":["a","b"],"echo":true,"x":1e2}""", """{"model":"gpt-3.5-turbo-instruct","prompt":["a","b"],"echo":true,"x":1e2}""", "openai")]
    [InlineData("/v1/embeddings", """{"model":"@cf/baai/bge-m3","text":1,"input":"x"}""", """{"model":"@cf/baai/bge-m3","text":1,"input":"x"}""", "workers-ai")]
    public async Task Body_ReachesTheProvider_AsItCame(string path, string body, string sent, string provider)
    {
        var answer = await _stage.PostAsync(body, path: path, headers: ("anthropic-version", "2023-06-01"));

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(sent, (await _stage.LastCallAsync(provider)).GetProperty("body").GetString());
    }

    [Theory]
    [InlineData("/v1/embeddings", """{"model":"claude-sonnet-4-5","input":"x"}""", "unsupported_endpoint", "These have: openai, openrouter, ")]
    [InlineData("/v1/responses", """{"model":"@cf/meta/llama-3-8b-instruct","input":"x"}""", "unsupported_endpoint", "or use /v1/chat/completions")]
    [InlineData("/v1/completions", """{"model":"groq/llama-3-70b","prompt":["a","b"]}""", "unsupported_parameter", "leave it out")]
    [InlineData("/v1/embeddings", """{"model":"deepgram/nova","input":"x"}""", "unsupported_provider", "deepgram")]
    [InlineData("/v1/embeddings", """{"model":"m","input":"x","provider":"opena1"}""", "unknown_provider", "`openai`")]
    public async Task Endpoint_ThatTheProviderHasNot_SaysWhatToDo(string path, string body, string code, string words)
    {
        var answer = await _stage.PostAsync(body, path: path);

        Assert.Contains(words, answer.IsError(400, code).Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_IsRefusedClearly()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/realtime?model=gpt-4o") { Headers = { { "Connection", "Upgrade" }, { "Upgrade", "websocket" } } };

        (await Answer.OfAsync(_stage.Service.Caller, request)).IsError((int)HttpStatusCode.NotImplemented, "websocket_unsupported");
    }

    private AnthropicClient Sdk(string key = TestService.ProxyToken) => new() { BaseUrl = _stage.Service.BaseUrl.ToString().TrimEnd('/'), ApiKey = key, MaxRetries = 0 };

    private static MessageCreateParams Hello() => new() { Model = Claude, MaxTokens = 64, Messages = [new UserMessageParam("Hello there")] };
}
