using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy.CloudflareShape;

/// <summary>A provider's own paths, which no dialect of ours reads: passed as they are, to those who may.</summary>
public sealed class NativeCallTests
{
    private const string Base = "/v1/test-account/openai-compat";

    [Fact, Trait("checklist", "S2-12")]
    public async Task Call_PassesAsItIs_AndItsAnswerToo()
    {
        var seen = new List<string>();
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            seen.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.ContentType} {body} {context.Request.Headers["cf-aig-authorization"]} {context.Request.Headers.Authorization}");

            (context.Response.StatusCode, context.Response.ContentType) = (201, "audio/mpeg");
            context.Response.Headers["x-ratelimit-remaining-requests"] = "7";
            context.Response.Headers["set-cookie"] = "secret=1";
            await context.Response.Body.WriteAsync(new byte[] { 0, 255, 13, 10 });
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Base}/elevenlabs/v1/voices/%C3%A9%20x?a=b%20c&Auth_Token={TestService.ProxyToken}") { Content = new StringContent("--b\r\nraw", Encoding.UTF8) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");

        using var response = await service.Anonymous.SendAsync(request);

        Assert.Equal((HttpStatusCode.Created, "audio/mpeg"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal([0, 255, 13, 10], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("7", response.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        Assert.False(response.Headers.Contains("set-cookie"));
        Assert.Equal(
            "PUT /v1/test-account/openai-compat/elevenlabs/v1/voices/%C3%A9%20x?a=b%20c multipart/form-data; boundary=b --b\r\nraw Bearer gateway-token-of-the-tests ",
            Assert.Single(seen));
        var record = await RecordAsync(service);
        Assert.Contains("\"provider\":\"elevenlabs\"", record, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"ok\"", record, StringComparison.Ordinal);
        Assert.DoesNotContain(TestService.ProxyToken, record + service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gemini_ByItsOwnPath_IsAnsweredByTheProvider()
    {
        await using var stage = await ProxyStage.StartAsync();
        stage.StoreKey("google-ai-studio");
        var path = $"/v1/{stage.Emulator.Options.AccountId}/{ProxyStage.Gateway}/google-ai-studio/v1beta/models/gemini-2.0-flash";
        const string body = """{"contents":[{"role":"user","parts":[{"text":"Hello there"}]}]}""";

        var whole = await stage.PostAsync(body, stage.Service.Anonymous, $"{path}:generateContent", ("x-goog-api-key", TestService.ProxyToken));
        var streamed = await stage.PostAsync(body, stage.Service.Anonymous, $"{path}:streamGenerateContent?alt=sse", ("x-goog-api-key", TestService.ProxyToken));
        var wrong = await stage.PostAsync("{}", path: $"{path}:nothing");

        Assert.True(whole.Status == 200, whole.Text);
        Assert.Contains("Hello there", whole.Json.GetProperty("candidates")[0].GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("text/event-stream", streamed["content-type"], StringComparison.Ordinal);
        Assert.True(wrong.Status is 400 or 404 && wrong.Json.TryGetProperty("error", out _), wrong.Text);
        Assert.DoesNotContain(TestService.ProxyToken, (await stage.LastCallAsync("google-ai-studio")).GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>Files and stored answers of the operator's account belong to no caller, and what a path costs is not known: a virtual key that pays with a stored key does not get there.</summary>
    [Fact]
    public async Task VirtualKey_GetsThereWithAKeyOfItsOwnAlone()
    {
        var asked = 0;
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            return context.Response.WriteAsync($$"""{"key":"{{context.Request.Headers.Authorization}}"}""");
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        var (_, free) = await service.IssueKeyAsync("free");
        var (_, scoped) = await service.IssueKeyAsync("scoped", new { models = new[] { "gpt-4o*" } });

        (await GetAsync(("Authorization", "Bearer " + free))).IsError(403, "path_not_allowed");
        (await GetAsync(("cf-aig-authorization", "Bearer " + scoped), ("Authorization", "Bearer sk-own"))).IsError(403, "path_not_allowed");
        Assert.Equal(0, asked);
        Assert.Contains("Bearer sk-own", (await GetAsync(("cf-aig-authorization", "Bearer " + free), ("Authorization", "Bearer sk-own"))).Text, StringComparison.Ordinal);
        // What they may use is listed to them by the proxy.
        var models = await GetAsync("/openai/models", ("Authorization", "Bearer " + scoped));
        Assert.All(models.Json.GetProperty("data").EnumerateArray(), model => Assert.StartsWith("gpt-4o", model.GetProperty("id").GetString(), StringComparison.Ordinal));
        Assert.Equal(1, asked);

        Task<Answer> GetAsync(params object[] what) => SendAsync(what is [string path, ..] ? path : "/openai/files", what.OfType<(string, string)>());
        async Task<Answer> SendAsync(string path, IEnumerable<(string Name, string Value)> headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Base + path);
            foreach (var (name, value) in headers)
            {
                request.Headers.Add(name, value);
            }

            return await Answer.OfAsync(service.Anonymous, request);
        }
    }

    [Fact]
    public async Task Rules_HoldHereToo()
    {
        var asked = 0;
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            return context.Response.WriteAsync("{}");
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        await service.ServeAsync(
            """{ "rules": [ { "name": "pictures", "pattern": "/images/*", "match": { "provider": "openai" }, "rate_limit": { "limit": 2, "interval": 600 } } ], "quota": { "requests": 3 } }""");

        Assert.Equal("200 200 429", await StatusesAsync("/openai/v1/images/generations", 3));
        Assert.Equal("200 429", await StatusesAsync("/openai/v1/audio/speech", 2));
        // Of a quota of the day nothing comes back soon: clients that repeat a 429 by themselves are told so.
        Assert.Equal("false", (await Answer.PostAsync(service.Caller, "{}", Base + "/openai/v1/audio/speech"))["x-should-retry"]);
        Assert.Equal(3, asked);

        async Task<string> StatusesAsync(string path, int times)
        {
            var statuses = new int[times];
            for (var i = 0; i < times; i++)
            {
                statuses[i] = (await Answer.PostAsync(service.Caller, "{}", Base + path)).Status;
            }

            return string.Join(' ', statuses);
        }
    }

    [Theory]
    [InlineData(400, """{"success":false,"result":[],"messages":[],"error":[{"code":2001,"message":"Please configure AI Gateway"}]}""", 404, "gateway_not_found")]
    [InlineData(302, "", 502, "upstream_invalid")]
    [InlineData(418, """{"detail":"the provider's own words"}""", 418, null)]
    public async Task Failure_OfTheGatewayIsExplained_AndOfTheProviderPasses(int status, string body, int told, string? code)
    {
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:9/elsewhere";
            return context.Response.WriteAsync(body);
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);

        var answer = await Answer.PostAsync(service.Caller, "{}", $"{Base}/openai/images/generations");

        Assert.Equal(told, answer.Status);
        Assert.Null(answer["location"]);
        Assert.True(code is null ? answer.Text == body : answer.Code == code, answer.Text);
    }

    /// <summary>Nothing can be said in a body that we do not know: the connection breaks, so that what is cut off does not look whole.</summary>
    [Fact]
    public async Task Answer_CutOff_BreaksTheConnection()
    {
        using var arrived = new SemaphoreSlim(0);
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            await context.Response.WriteAsync("the first half");
            await context.Response.Body.FlushAsync();
            await arrived.WaitAsync();
            context.Abort();
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Base}/openai/audio/speech") { Content = new StringContent("{}") };

        using var response = await service.Caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte["the first half".Length]);
        arrived.Release();
        var broken = await Assert.ThrowsAnyAsync<Exception>(async () => await body.ReadExactlyAsync(new byte[1]));

        Assert.True(broken is HttpRequestException or IOException and not EndOfStreamException, broken.ToString());
        await service.EventuallyAsync(async () => (await service.Operator.GetStringAsync("/api/v1/requests")).Contains("\"outcome\":\"truncated\"", StringComparison.Ordinal), "the record");
    }

    [Fact]
    public async Task Body_ThatIsCompressed_IsRefusedBeforeTheCall()
    {
        await using var service = await TestService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Base}/openai/images/generations") { Content = new ByteArrayContent([31, 139, 8]) { Headers = { { "Content-Encoding", "gzip" } } } };

        (await Answer.OfAsync(service.Caller, request)).IsError(415, "unsupported_media_type");
    }

    [Fact]
    public async Task NothingListens_Is502()
    {
        await using var service = await TestService.StartAsync();

        (await Answer.PostAsync(service.Caller, "{}", $"{Base}/openai/images/generations")).IsError(502, "upstream_unreachable");
    }

    private static async Task<string> RecordAsync(TestService service)
    {
        var record = "";
        await service.EventuallyAsync(async () => (record = await service.Operator.GetStringAsync("/api/v1/requests")).Contains("requestId", StringComparison.Ordinal), "the record");
        return record;
    }
}
