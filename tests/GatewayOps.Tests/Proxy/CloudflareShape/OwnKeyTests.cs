using System.Text;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Proxy.CloudflareShape;

/// <summary>What counts as a caller's own key of a provider, what it opens, and what it must not reach.</summary>
public sealed class OwnKeyTests
{
    private const string Base = "/v1/test-account/openai-compat";
    private const string Run = "/client/v4/accounts/test-account/ai/run/@cf/meta/llama-3-8b-instruct";
    private const string Good = """{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}""";

    [Theory]
    [InlineData("openai", "Authorization", true)]
    [InlineData("openai", "x-api-key", false)]
    [InlineData("anthropic", "X-Api-Key", true)]
    [InlineData("anthropic", "authorization", true)]
    [InlineData("elevenlabs", "xi-api-key", true)]
    [InlineData("google-ai-studio", "x-goog-api-key", true)]
    [InlineData("google-ai-studio", "api-key", false)]
    [InlineData("azure-openai", "api-key", true)]
    [InlineData("custom-own", "authorization", true)]
    [InlineData("custom-own", "x-api-key", false)]
    [InlineData("adobe-firefly", "authorization", false)]
    [InlineData(null, "authorization", true)]
    [InlineData(null, "x-api-key", false)]
    public void Header_IsOfTheProvider_OrIsNone(string? slug, string header, bool isOfProvider) =>
        Assert.Equal(isOfProvider, NativeKeyHeaders.Has(slug is null ? null : UpstreamProviders.Native(slug), header));

    /// <summary>The gateway sees no key in it and asks with the stored one: that path is open to AUTH_TOKEN alone.</summary>
    [Theory]
    [InlineData("x-api-key", "x")]
    [InlineData("x-goog-api-key", "x")]
    [InlineData("api-key", "x")]
    [InlineData("xi-api-key", "x")]
    [InlineData("Authorization", "Bearer")]
    public async Task VirtualKey_WithAKeyThatTheProviderDoesNotTake_HasNone(string header, string value)
    {
        await using var stage = await Stage.StartAsync();

        (await stage.SendAsync(HttpMethod.Get, "/openai/files", (header, value))).IsError(403, "path_not_allowed");

        Assert.Empty(stage.Seen);
    }

    /// <summary>The gateway's own cache knows neither tenants nor keys: a wrong key would get what others bought.</summary>
    [Theory]
    [InlineData("GET", Base + "/openai/files", "Authorization")]
    [InlineData("POST", Base + "/openai/chat/completions", "Authorization")]
    [InlineData("POST", Base + "/openai/chat/completions", "xi-api-key")]
    [InlineData("POST", Base + "/compat/chat/completions", "x-api-key")]
    [InlineData("POST", Run + "?queueRequest=true", "x-api-key")]
    public async Task VirtualKey_NeverMeetsTheGatewaysOwnCache(string method, string path, string header)
    {
        await using var stage = await Stage.StartAsync(path.StartsWith(Run, StringComparison.Ordinal) ? """{ "settings": { "cache_ttl": 300 } }""" : null);

        await stage.SendAsync(new HttpMethod(method), path, (header, "Bearer sk-own"));

        Assert.Equal($"skip=true key= auth={(header == "Authorization" ? "Bearer sk-own" : "")}", Assert.Single(stage.Seen));
    }

    [Fact]
    public async Task Rule_ThatTurnsTheCacheOff_HoldsForNativeCallsToo()
    {
        await using var stage = await Stage.StartAsync("""{ "rules": [ { "pattern": "/images/*", "cache": { "enabled": false } } ] }""");

        await Answer.PostAsync(stage.Service.Caller, "{}", $"{Base}/openai/images/generations");
        await Answer.PostAsync(stage.Service.Caller, "{}", $"{Base}/openai/audio/speech");

        Assert.Equal(["skip=true key= auth=", "skip= key= auth="], stage.Seen);
    }

    /// <summary>Anybody can send a wrong key as often as it takes.</summary>
    [Fact]
    public async Task Failures_MetWithAKeyOfOnesOwn_OpenNoCircuitForOthers()
    {
        await using var stage = await Stage.StartAsync();
        stage.Status = 500;

        for (var i = 0; i < 8; i++)
        {
            await stage.SendAsync(HttpMethod.Post, "/openai/chat/completions", ("Authorization", "Bearer sk-own"));
        }

        Assert.True(stage.Seen.Count >= 8);
        Assert.Equal(CircuitState.Closed, stage.Service.App.Services.GetRequiredService<UpstreamHealth>().StateOf("openai"));
    }

    [Fact]
    public async Task Key_ThatNoHeaderMayCarry_IsRefusedBeforeAnyAttempt()
    {
        await using var stage = await Stage.StartAsync();
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        using var client = new HttpClient(handler) { BaseAddress = stage.Service.BaseUrl };

        (await stage.SendAsync(HttpMethod.Get, "/elevenlabs/v1/voices", client, ("xi-api-key", "sk-\u00e9"))).IsError(400, "invalid_provider_key");

        Assert.Empty(stage.Seen);
    }

    /// <summary>A service in front of a gateway that tells which headers it got, and a virtual key.</summary>
    private sealed class Stage(TestService service, StubGateway gateway, List<string> seen, string key) : IAsyncDisposable
    {
        private int[] _status = [200];

        public TestService Service => service;

        public IReadOnlyList<string> Seen => seen;

        public int Status
        {
            set => _status[0] = value;
        }

        public static async Task<Stage> StartAsync(string? rules = null)
        {
            int[] status = [200];
            var seen = new List<string>();
            var gateway = await StubGateway.StartAsync(context =>
            {
                var headers = context.Request.Headers;
                lock (seen)
                {
                    seen.Add($"skip={headers["cf-aig-skip-cache"]} key={headers["cf-aig-cache-key"]} auth={headers.Authorization}");
                }

                (context.Response.StatusCode, context.Response.ContentType) = (status[0], "application/json");
                return context.Response.WriteAsync(Good);
            });
            var service = await TestService.StartAsync(settings: gateway.Settings);
            if (rules is not null)
            {
                await service.ServeAsync(rules);
            }

            return new Stage(service, gateway, seen, (await service.IssueKeyAsync()).Token) { _status = status };
        }

        public Task<Answer> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers) => SendAsync(method, path, service.Anonymous, headers);

        public async Task<Answer> SendAsync(HttpMethod method, string path, HttpClient client, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path.StartsWith("/v1/", StringComparison.Ordinal) || path.StartsWith("/client/", StringComparison.Ordinal) ? path : Base + path)
            {
                Content = method == HttpMethod.Get ? null : new StringContent(path.StartsWith(Run, StringComparison.Ordinal) ? """{"prompt":"x"}""" : ProxyStage.Chat(more: new { model = path.Contains("compat/chat", StringComparison.Ordinal) ? "openai/gpt-4o" : "gpt-4o" }), Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("cf-aig-authorization", "Bearer " + key);
            foreach (var (name, value) in headers)
            {
                request.Headers.Add(name, value);
            }

            return await Answer.OfAsync(client, request);
        }

        public async ValueTask DisposeAsync()
        {
            await service.DisposeAsync();
            await gateway.DisposeAsync();
        }
    }
}
