using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace GatewayOps.Tests.Proxy.CloudflareShape;

/// <summary>`/v1/{account}/{gateway}/...`: clients of Cloudflare's gateway that were given another host and nothing else. Source: checklist S0-01, S0-07, S0-15, S0-24, S1-23, S3-09, S3-11.</summary>
public sealed class CloudflareShapeTests(StageFixture shared) : IClassFixture<StageFixture>
{
    private const string OwnKey = "sk-of-the-caller";

    private readonly ProxyStage _stage = shared.Stage;

    private string Base => $"/v1/{_stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}";

    [Theory, Trait("checklist", "S0-07"), Trait("checklist", "S1-23"), Trait("checklist", "S3-01"), Trait("checklist", "S3-09")]
    [InlineData("openai/chat/completions", """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}]}""", "openai", "v1/chat/completions", "gpt-4o-mini")]
    [InlineData("openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}]}""", "openai", "v1/chat/completions", "gpt-4o-mini")]
    [InlineData("openai/embeddings", """{"model":"text-embedding-3-small","input":"x"}""", "openai", "v1/embeddings", "text-embedding-3-small")]
    [InlineData("openai/responses", """{"model":"gpt-4o-mini","input":"x"}""", "openai", "v1/responses", "gpt-4o-mini")]
    [InlineData("anthropic/v1/messages", """{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "anthropic", "v1/messages", "claude-sonnet-4-5")]
    [InlineData("groq/chat/completions", """{"model":"llama-3-70b","messages":[{"role":"user","content":"x"}]}""", "groq", "openai/v1/chat/completions", "llama-3-70b")]
    [InlineData("openrouter/chat/completions", """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"x"}]}""", "openrouter", "api/v1/chat/completions", "openai/gpt-4o-mini")]
    [InlineData("openrouter/v1/chat/completions", """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"x"}],"provider":{"order":["azure"]}}""", "openrouter", "api/v1/chat/completions", "openai/gpt-4o-mini")]
    [InlineData("compat/chat/completions", """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"x"}]}""", "openai", "v1/chat/completions", "gpt-4o-mini")]
    [InlineData("compat/chat/completions", """{"model":"openrouter/openai/gpt-4o-mini","messages":[{"role":"user","content":"x"}]}""", "openrouter", "api/v1/chat/completions", "openai/gpt-4o-mini")]
    [InlineData("compat/chat/completions", """{"model":"anthropic/claude-sonnet-4-5","messages":[{"role":"user","content":"x"}]}""", "anthropic", "v1/chat/completions", "claude-sonnet-4-5")]
    [InlineData("compat/embeddings", """{"model":"openai/text-embedding-3-small","input":"x"}""", "openai", "v1/embeddings", "text-embedding-3-small")]
    [InlineData("workers-ai/v1/chat/completions", """{"model":"@cf/meta/llama-3-8b-instruct","messages":[{"role":"user","content":"x"}]}""", "workers-ai", "", "@cf/meta/llama-3-8b-instruct")]
    public async Task Address_AsksTheProviderThatItNames(string path, string body, string provider, string asked, string model)
    {
        var answer = await _stage.PostAsync(body, path: $"{Base}/{path}", headers: ("anthropic-version", "2023-06-01"));

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal((provider, "none"), (answer["x-gatewayops-provider"], answer["x-gatewayops-revision"]));
        var call = await _stage.LastCallAsync(provider);
        Assert.Contains(asked, call.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Contains(ProxyStage.StoredKey + provider, call.GetProperty("headers").GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(TestService.ProxyToken, call.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(body.Contains("\"provider\":{", StringComparison.Ordinal), call.GetProperty("body").GetString()!.Contains("\"order\":[\"azure\"]", StringComparison.Ordinal));
        var record = await _stage.RecordAsync(answer);
        Assert.Equal(
            (ProxyStage.Gateway, provider, model, $"{Base}/{path}", "ok"),
            (record.GetProperty("gateway").GetString(), record.GetProperty("provider").GetString(), record.GetProperty("model").GetString(), record.GetProperty("path").GetString(), record.GetProperty("outcome").GetString()));
        Assert.True(record.GetProperty("tokensIn").GetInt64() > 0);
    }

    /// <summary>OpenAI's SDK at the address that Cloudflare documents for it: chat, stream, models, embeddings.</summary>
    [Fact, Trait("checklist", "S0-07"), Trait("checklist", "S0-10"), Trait("checklist", "S0-24")]
    public async Task OpenAiSdk_AtTheProvidersAddress_WorksWhole()
    {
        var options = new OpenAIClientOptions { Endpoint = new Uri(_stage.Service.BaseUrl, $"{Base}/openai") };
        var key = new ApiKeyCredential(TestService.ProxyToken);
        var chat = new ChatClient("gpt-4o-mini", key, options);
        var text = new StringBuilder();

        var whole = (await chat.CompleteChatAsync("Hola, ¿qué es Python?")).Value;
        await foreach (var update in chat.CompleteChatStreamingAsync("Hola, ¿qué es Python?"))
        {
            text.AppendJoin("", update.ContentUpdate.Select(part => part.Text));
        }

        Assert.Contains("Hola, ¿qué es Python?", whole.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(whole.Content[0].Text, text.ToString());
        Assert.NotEmpty((await new OpenAIModelClient(key, options).GetModelsAsync()).Value);
        Assert.Equal(1536, (await new EmbeddingClient("text-embedding-3-small", key, options).GenerateEmbeddingAsync("x")).Value.ToFloats().Length);
    }

    [Theory]
    [InlineData("openai", "Authorization", "Bearer " + OwnKey, "authorization")]
    [InlineData("anthropic", "x-api-key", OwnKey, "x-api-key")]
    [InlineData("compat", "Authorization", "Bearer " + OwnKey, "authorization")]
    public async Task OwnKey_BesideOurToken_IsPassedOnInThePlaceOfTheStoredOne(string segment, string header, string value, string received)
    {
        var isMessages = segment == "anthropic";
        var body = isMessages ? """{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""" : ProxyStage.Chat();

        var answer = await _stage.PostAsync(
            body, _stage.Service.Anonymous, $"{Base}/{segment}{(isMessages ? "/v1/messages" : "/chat/completions")}",
            ("cf-aig-authorization", "Bearer " + TestService.ProxyToken), (header, value), ("anthropic-version", "2023-06-01"));

        Assert.True(answer.Status == 200, answer.Text);
        var call = await _stage.LastCallAsync(isMessages ? "anthropic" : "openai");
        Assert.Equal(value, call.GetProperty("headers").GetProperty(received).GetString());
        Assert.DoesNotContain(ProxyStage.StoredKey, call.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(TestService.ProxyToken, call.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(OwnKey, (await _stage.RecordAsync(answer)).GetRawText() + _stage.Service.Log + answer.Text, StringComparison.Ordinal);
    }

    /// <summary>A key is one provider's: no fallback of a rule set shows it to another, and no cache gives away what it bought.</summary>
    [Fact]
    public async Task OwnKey_IsSeenByTheNamedProviderAlone_AndBuysForItsCallerAlone()
    {
        await using var stage = await ProxyStage.StartAsync(
            """
            { "providers": [ { "name": "openrouter", "priority": 1 }, { "name": "openai", "priority": 2 } ], "fallback": { "enabled": true },
              "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 600 } } ] }
            """);
        await stage.Emulator.SetUpstreamFaultAsync("openai", new { status = 503 });
        var path = $"/v1/{stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}/compat/chat/completions";
        (string, string)[] headers = [("cf-aig-authorization", "Bearer " + TestService.ProxyToken), ("Authorization", "Bearer " + OwnKey)];

        var failed = await stage.PostAsync(ProxyStage.Chat(), stage.Service.Anonymous, path, headers);
        await stage.Emulator.ClearUpstreamFaultAsync("openai");
        var first = await stage.PostAsync(ProxyStage.Chat(), stage.Service.Anonymous, path, headers);
        var second = await stage.PostAsync(ProxyStage.Chat(), stage.Service.Anonymous, path, headers);

        failed.IsError(502, "upstream_failed");
        Assert.Equal(0, await stage.CallsAsync("openrouter"));
        Assert.Equal(("openai", "bypass", "bypass"), (second["x-gatewayops-provider"], first["x-gatewayops-cache"], second["x-gatewayops-cache"]));
    }

    [Fact]
    public async Task OurToken_InAuthorizationToo_IsNoProvidersKey()
    {
        var answer = await _stage.PostAsync(ProxyStage.Chat(), path: $"{Base}/openai/chat/completions", headers: ("cf-aig-authorization", "Bearer " + TestService.ProxyToken));

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal($"Bearer {ProxyStage.StoredKey}openai", (await _stage.LastCallAsync()).GetProperty("headers").GetProperty("authorization").GetString());
    }

    [Theory]
    [InlineData("Bearer wrong-token")]
    [InlineData("wrong-token")]
    public async Task WrongGatewayToken_IsRefused_WhateverAuthorizationHolds(string token) =>
        (await _stage.PostAsync(ProxyStage.Chat(), path: $"{Base}/openai/chat/completions", headers: ("cf-aig-authorization", token))).IsError(401, "unauthorized");

    /// <summary>Where a provider's SDK puts its key, our token may stand: such a client changes its address and its key.</summary>
    [Theory]
    [InlineData("x-goog-api-key")]
    [InlineData("api-key")]
    [InlineData("x-api-key")]
    public async Task OurToken_InAnyProvidersKeyHeader_Opens(string header) =>
        Assert.Equal(200, (await _stage.PostAsync(ProxyStage.Chat(), _stage.Service.Anonymous, $"{Base}/openai/chat/completions", (header, TestService.ProxyToken))).Status);

    [Fact, Trait("checklist", "S0-15")]
    public async Task Gateway_ThatIsNotThere_IsNamedWithTheFix()
    {
        var answer = await _stage.PostAsync(ProxyStage.Chat(), path: $"/v1/{_stage.Emulator.Options.AccountId}/nowhere/openai/chat/completions");

        Assert.Contains("gatewayops gateway create nowhere", answer.IsError(404, "gateway_not_found").Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_AreThoseOfTheGatewayInTheAddress()
    {
        await using var stage = await ProxyStage.StartAsync();
        await stage.Emulator.CreateGatewayAsync("other");
        await stage.Service.ServeAsync("""{ "gateways": ["other"], "rules": [ { "name": "none-at-all", "pattern": "/chat/completions", "rate_limit": { "limit": 1, "interval": 600 } } ] }""", "limits", "other");
        var account = $"/v1/{stage.Emulator.Options.AccountId}";

        var first = await stage.PostAsync(ProxyStage.Chat(), path: $"{account}/other/openai/v1/chat/completions");
        var second = await stage.PostAsync(ProxyStage.Chat(), path: $"{account}/other/compat/chat/completions");
        var elsewhere = await stage.PostAsync(ProxyStage.Chat(), path: $"{account}/{ProxyStage.Gateway}/openai/chat/completions");
        var key = await stage.Service.KeyClientAsync(new { gateways = new[] { ProxyStage.Gateway } });
        var foreign = await stage.PostAsync(ProxyStage.Chat(), key, $"{account}/other/openai/chat/completions");

        Assert.Equal(("limits@1", "limits@1", "none"), (first["x-gatewayops-revision"], second["x-gatewayops-revision"], elsewhere["x-gatewayops-revision"]));
        second.IsError(429, "rate_limit_exceeded");
        Assert.Equal(200, elsewhere.Status);
        foreign.IsError(403, "gateway_not_allowed");
    }

    /// <summary>An address that is nearly right is answered with the right one.</summary>
    [Theory, Trait("checklist", "S1-23")]
    [InlineData("/v1/openai-compat/openrouter/chat/completions", "/v1/ACCOUNT/openai-compat/openrouter/chat/completions")]
    [InlineData("/v1/openai-compat/compat/chat/completions", "/v1/ACCOUNT/openai-compat/compat/chat/completions")]
    [InlineData("/v1/openai-compat/chat/completions", "/v1/ACCOUNT/openai-compat/openrouter/chat/completions")]
    [InlineData("/v1/another/openai-compat/openai/chat/completions", "/v1/ACCOUNT/openai-compat/openai/chat/completions")]
    [InlineData("/v1/ACCOUNT/openai-compat", "/v1/ACCOUNT/{gateway}/compat/chat/completions")]
    public async Task Address_NearlyRight_IsToldTheRightOne(string path, string right)
    {
        var account = _stage.Emulator.Options.AccountId;

        var answer = await _stage.PostAsync(ProxyStage.Chat(), path: path.Replace("ACCOUNT", account, StringComparison.Ordinal));

        Assert.Contains(right.Replace("ACCOUNT", account, StringComparison.Ordinal), answer.IsError(404, "not_found").Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_OfAProvidersSdk_IsAllowed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, $"/v1/{_stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}/openai/files/file-1");
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "DELETE");
        request.Headers.Add("Access-Control-Request-Headers", "cf-aig-authorization,x-goog-api-key,traceparent");

        var answer = await Answer.OfAsync(_stage.Service.Anonymous, request);

        Assert.Equal((200, "GET, POST, PUT, PATCH, DELETE, OPTIONS"), (answer.Status, answer["access-control-allow-methods"]));
        Assert.All(["cf-aig-authorization", "x-goog-api-key", "traceparent"], name => Assert.Contains(name, answer["access-control-allow-headers"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_allowed")]
    [InlineData("DELETE", "/v1/models", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/BASE/compat/chat/completions", 405, "method_not_allowed")]
    [InlineData("POST", "/v1/BASE/compat/images/generations", 404, "not_found")]
    [InlineData("POST", "/v1/BASE/opnai/chat/completions", 400, "unknown_provider")]
    [InlineData("POST", "/v1/BASE/custom-nobody/chat/completions", 400, "unsupported_provider")]
    [InlineData("POST", "/v1/BASE/custom-nobody/anything/else", 400, "unsupported_provider")]
    [InlineData("POST", "/v1/BASE/ollama/api/chat", 400, "unsupported_endpoint")]
    [InlineData("POST", "/v1/BASE/openai/%2e%2e%2fother/chat/completions", 400, "invalid_path")]
    [InlineData("POST", "/v1/BASE/openai/%252e%252e/other", 400, "invalid_path")]
    [InlineData("POST", "/v1/BASE/openai/a%5C..%5Cb", 400, "invalid_path")]
    [InlineData("POST", "/v1/ACCOUNT/Not_A_Gateway!/openai/chat/completions", 404, "gateway_not_found")]
    public async Task Address_ThatIsNone_SaysWhy(string method, string path, int status, string code)
    {
        var account = _stage.Emulator.Options.AccountId;
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path.Replace("BASE", $"{account}/{ProxyStage.Gateway}", StringComparison.Ordinal).Replace("ACCOUNT", account, StringComparison.Ordinal), UriKind.Relative))
        {
            Content = method == "GET" ? null : new StringContent(ProxyStage.Chat(), Encoding.UTF8, "application/json"),
        };

        (await Answer.OfAsync(_stage.Service.Caller, request)).IsError(status, code);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/realtime?model=gpt-4o")]
    [InlineData("/v1/ACCOUNT/openai-compat")]
    [InlineData("/v1/ACCOUNT/openai-compat/openai?model=gpt-4o-realtime")]
    [InlineData("/v1/ACCOUNT/openai-compat/compat/chat/completions")]
    [InlineData("/client/v4/accounts/ACCOUNT/ai/run/@cf/meta/llama-3-8b-instruct")]
    public async Task WebSocket_IsRefusedBeforeTheUpgrade_OnEveryAddress(string path)
    {
        // Browsers have no other place for a token.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path.Replace("ACCOUNT", _stage.Emulator.Options.AccountId, StringComparison.Ordinal), UriKind.Relative))
        {
            Headers = { { "Connection", "Upgrade" }, { "Upgrade", "websocket" }, { "Sec-WebSocket-Version", "13" }, { "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==" }, { "Sec-WebSocket-Protocol", "cf-aig-authorization.token" } },
        };

        var answer = await Answer.OfAsync(_stage.Service.Anonymous, request);

        Assert.Equal((int)HttpStatusCode.NotImplemented, answer.Status);
        Assert.Contains("does not pass WebSockets on", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directives_ThatOnlyTheCallerIsConcernedBy_AreHeard()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 600 } } ] }""");
        var path = $"/v1/{stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}/openai/chat/completions";
        await stage.PostAsync(ProxyStage.Chat(), path: path);

        var kept = await stage.PostAsync(ProxyStage.Chat(), path: path, headers: [("cf-aig-metadata", """{"team":"search","n":7,"x":{"a":1},"cf.secret":"1","request_id":"forged","s":"\ud800"}"""), ("cf-aig-cache-key", "chosen-by-a-caller")]);
        var fresh = await stage.PostAsync(ProxyStage.Chat(), path: path, headers: [("cf-aig-skip-cache", "true"), ("cf-aig-metadata", """{"team":"sales","team":"search","n":7,"on":true,"much":1}""")]);

        Assert.Equal(("hit", 2), (kept["x-gatewayops-cache"], await stage.CallsAsync()));
        var row = Assert.Single(stage.Emulator.Account.FindGateway(ProxyStage.Gateway)!.Logs.Visible(), row => row.Metadata!.ToString()!.Contains(fresh["x-request-id"]!, StringComparison.Ordinal));
        Assert.Contains("\"team\":\"search\"", row.Metadata!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("much", row.Metadata!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_AtMessages_AreInAnthropicsShape()
    {
        var answer = await _stage.PostAsync("""{"model":"claude-sonnet-4-5"}""", path: $"{Base}/anthropic/v1/messages");

        Assert.Equal((400, "error"), (answer.Status, answer.Json.GetProperty("type").GetString()));
        Assert.Equal(JsonValueKind.String, answer.Error.GetProperty("message").ValueKind);
    }
}
