using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>Everything about the proxy's addresses that needs no provider.</summary>
public sealed class SurfaceTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Models_List_HasOpenAiShape()
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");

        var answer = await Answer.OfAsync(service.Caller, request);

        Assert.Equal("list", answer.Json.GetProperty("object").GetString());
        var gpt = Assert.Single(answer.Json.GetProperty("data").EnumerateArray(), model => model.GetProperty("id").GetString() == "gpt-4o-mini");
        Assert.Equal(("model", "openai"), (gpt.GetProperty("object").GetString(), gpt.GetProperty("owned_by").GetString()));
    }

    [Theory]
    [InlineData("gpt-4o-mini", "gpt-4o-mini", "openai")]
    [InlineData("openai/gpt-4o-mini", "gpt-4o-mini", "openai")]
    [InlineData("openai%2Fgpt-4o-mini", "gpt-4o-mini", "openai")]
    [InlineData("gpt4", "gpt-4", "openai")]
    [InlineData("openrouter/openai/gpt-4o-mini", "openrouter/openai/gpt-4o-mini", "openrouter")]
    [InlineData("@cf%2Fmeta%2Fllama-3.1-8b-instruct", "@cf/meta/llama-3.1-8b-instruct", "workers-ai")]
    public async Task Models_One_IsFoundByAnyOfItsNames(string asked, string id, string owner)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/models/{asked}");

        var answer = await Answer.OfAsync(shared.Service.Caller, request);

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal((id, "model", owner), (answer.Json.GetProperty("id").GetString(), answer.Json.GetProperty("object").GetString(), answer.Json.GetProperty("owned_by").GetString()));
    }

    [Theory]
    [InlineData("gpt-4o-mimi", "Did you mean `gpt-4o-mini`")]
    [InlineData("no%2Fsuch%2Fthing%0A", "is none of the models")]
    public async Task Models_OneThatIsNotListed_Is404WithWhatComesNear(string asked, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/models/{asked}");

        var answer = (await Answer.OfAsync(shared.Service.Caller, request)).IsError(404, "model_not_found");

        Assert.Contains(words, answer.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory, Trait("checklist", "S2-08")]
    [InlineData("/")]
    [InlineData("/health")]
    public async Task Health_WithoutAuthentication_NamesProviders(string path)
    {
        await using var service = await TestService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);

        var answer = await Answer.OfAsync(service.Anonymous, request);

        Assert.Equal((200, "healthy"), (answer.Status, answer.Json.GetProperty("status").GetString()));
        Assert.True(answer.Json.GetProperty("providers").GetProperty("openai").GetBoolean());
        Assert.Contains("openai", answer.Json.GetProperty("available_providers").EnumerateArray().Select(provider => provider.GetString()));
        Assert.NotEmpty(answer.Json.GetProperty("version").GetString()!);
        Assert.True(answer.Json.GetProperty("timestamp").TryGetDateTimeOffset(out _));
    }

    [Theory, Trait("checklist", "S2-38")]
    [InlineData("POST", "/v1/nothing", 404)]
    [InlineData("GET", "/v1", 404)]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("DELETE", "/v1/models", 405)]
    [InlineData("POST", "/v1/models/gpt-4o", 405)]
    [InlineData("DELETE", "/v1/chat/completions/", 405)]
    [InlineData("GET", "/v1/files/file-1", 404)]
    [InlineData("GET", "/v1/responses/resp-1", 404)]
    [InlineData("DELETE", "/v1/images/generations", 404)]
    [InlineData("POST", "/v1/audio/speech", 404)]
    public async Task Address_UnknownOrOtherMethod_IsAnOpenAiError(string method, string path, int status)
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        var answer = await Answer.OfAsync(service.Caller, request);

        Assert.Equal(status, answer.Status);
        Assert.Equal(["code", "message", "param", "type"], answer.Error.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(("none", status == 404 ? "not_found" : "method_not_allowed"), (answer["x-gatewayops-revision"], answer.Error.GetProperty("type").GetString()));
        Assert.Equal(answer.Error.GetProperty("type").GetString(), answer.Code);
    }

    [Theory, Trait("checklist", "S2-31"), Trait("checklist", "S2-38")]
    [InlineData("{", "invalid_json")]
    [InlineData("""{"model":"a","model":"b","messages":[1]}""", "invalid_json")]
    [InlineData("""{"messages":[1],"temperature":3}""", "invalid_value")]
    [InlineData("""{"messages":[1],"provider":"nobody"}""", "unknown_provider")]
    public async Task Chat_FaultyBody_Is400(string body, string code)
    {
        var service = shared.Service;

        var answer = (await Answer.PostAsync(service.Caller, body)).IsError(400, code);

        Assert.Equal(("none", "bypass"), (answer["x-gatewayops-provider"], answer["x-gatewayops-cache"]));
    }

    [Fact]
    public async Task Chat_OtherContentType_Is415()
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue("text/plain")) };

        (await Answer.OfAsync(service.Caller, request)).IsError(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chat_31Megabytes_Is413(bool chunked)
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new ByteArrayContent(new byte[31_000_000]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;

        (await Answer.OfAsync(service.Caller, request)).IsError(413, "request_too_large");
    }

    [Fact]
    public async Task Chat_NothingListensUpstream_Is502()
    {
        await using var service = await TestService.StartAsync();

        var answer = (await Answer.PostAsync(service.Caller, ProxyStage.Chat())).IsError(502, "upstream_unreachable");

        Assert.Equal("1", answer["x-gatewayops-attempts"]);
    }

    [Fact, Trait("checklist", "S2-10")]
    public async Task Health_ProviderFailsAgainAndAgain_IsNotAvailable()
    {
        await using var service = await TestService.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await Answer.PostAsync(service.Caller, ProxyStage.Chat());
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        var health = await Answer.OfAsync(service.Anonymous, request);

        Assert.Equal("degraded", health.Json.GetProperty("status").GetString());
        Assert.False(health.Json.GetProperty("providers").GetProperty("openai").GetBoolean());
        Assert.True(health.Json.GetProperty("providers").GetProperty("groq").GetBoolean());
    }

    /// <summary>A gateway keeps its keys to itself until it says that it has none. Source: checklist S2-09.</summary>
    [Fact, Trait("checklist", "S2-06"), Trait("checklist", "S2-09")]
    public async Task ProviderWithoutAStoredKey_IsShownAsNotThere_UntilItHasOne()
    {
        await using var stage = await ProxyStage.StartAsync();
        (await stage.ChatAsync(more: new { model = "mistral/mistral-large" })).IsError(502, "provider_key_missing");
        var without = await ShownAsync();

        stage.StoreKey("mistral");
        Assert.Equal(200, (await stage.ChatAsync(more: new { model = "mistral/mistral-large" })).Status);

        Assert.Equal((false, false, false), without);
        Assert.Equal((true, true, true), await ShownAsync());

        async Task<(bool, bool, bool)> ShownAsync() => (
            (await GetAsync("/health")).GetProperty("providers").GetProperty("mistral").GetBoolean(),
            (await GetAsync("/v1/model-options")).GetProperty("data").EnumerateArray().Any(model => model.GetProperty("provider").GetString() == "mistral"),
            (await GetAsync("/v1/route-check?model=mistral/mistral-large")).GetProperty("available").GetBoolean());

        async Task<System.Text.Json.JsonElement> GetAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            return (await Answer.OfAsync(stage.Service.Caller, request)).Json;
        }
    }

    [Fact, Trait("checklist", "S2-15"), Trait("checklist", "S2-16")]
    public async Task Preflight_OfTheBrowserSdk_IsAllowedWithoutAToken()
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,x-stainless-lang,x-stainless-retry-count,x-evil");

        var answer = await Answer.OfAsync(service.Anonymous, request);

        Assert.Equal((200, "*", "86400"), (answer.Status, answer["access-control-allow-origin"], answer["access-control-max-age"]));
        Assert.Contains("x-stainless-retry-count", answer["access-control-allow-headers"], StringComparison.Ordinal);
        Assert.Equal("GET, POST, OPTIONS", answer["access-control-allow-methods"]);
        Assert.StartsWith("Content-Type, Authorization, X-AUTH-TOKEN, X-SESSION-ID, ", answer["access-control-allow-headers"], StringComparison.Ordinal);
        Assert.DoesNotContain("x-evil", answer["access-control-allow-headers"], StringComparison.Ordinal);
        Assert.Contains("x-request-id", answer["access-control-expose-headers"], StringComparison.Ordinal);
    }

    [Theory, Trait("checklist", "S2-15")]
    [InlineData("https://app.example", "https://app.example")]
    [InlineData("https://other.example", null)]
    public async Task Origin_AllowList_AdmitsOnlyWhatIsListed(string origin, string? allowed)
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Proxy:AllowedOrigins"] = "https://app.example, https://two.example" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", origin);

        var answer = await Answer.OfAsync(service.Caller, request);

        Assert.Equal((allowed, "Origin"), (answer["access-control-allow-origin"], answer["vary"]));
    }
}
