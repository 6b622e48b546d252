using System.ClientModel;
using System.Text;
using GatewayOps.Client;
using GatewayOps.Client.WorkersAi;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

public sealed class ErrorTests
{
    private const string Whole =
        "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"He\"}}]}\n\n"
        + ": keep-alive\n\n"
        + "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"llo ✓\"}}]}\n\n"
        + "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
        + "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}\n\n"
        + "data: [DONE]\n\n";

    [Fact, Trait("checklist", "S3-20")]
    public async Task RateLimited_WaitsLongerEachTime_AndThenAnswers()
    {
        await using var gateway = await ScriptedGateway.StartAsync(Limited(), Limited(), Limited(), ScriptedGateway.Says("at last"));
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options with { RetryJitter = 0 }, time: clock);
        var began = clock.GetUtcNow();
        Assert.Equal("at last", (await clock.RunAsync(client.ChatAsync("x"))).Text);
        Assert.Equal((4, TimeSpan.FromSeconds(1 + 2 + 4)), (gateway.Asked.Count, clock.GetUtcNow() - began));
    }

    [Fact, Trait("checklist", "S3-20")]
    public async Task RateLimited_Jitter_OnlyLengthensAWait()
    {
        await using var gateway = await ScriptedGateway.StartAsync(Limited(), ScriptedGateway.Says("ok"));
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options with { RetryJitter = 0.5 }, time: clock);
        var began = clock.GetUtcNow();
        await clock.RunAsync(client.ChatAsync("x"));
        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5));
    }

    [Theory, Trait("checklist", "S3-20")]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("Sat, 21 Nov 2026 12:00:09 GMT", 9)]
    public async Task RetryAfter_IsKeptToTheLetter(string header, double seconds)
    {
        await using var gateway = await ScriptedGateway.StartAsync(Limited(("Retry-After", header)), ScriptedGateway.Says("ok"));
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options, time: clock);
        var began = clock.GetUtcNow();
        await clock.RunAsync(client.ChatAsync("x"));
        Assert.Equal(TimeSpan.FromSeconds(seconds), clock.GetUtcNow() - began);
    }

    [Fact, Trait("checklist", "S3-20")]
    public async Task RateLimited_ToTheEnd_SaysHowLongToWait()
    {
        await using var gateway = await ScriptedGateway.StartAsync(Limited(("Retry-After", "2")));
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options, time: clock);
        var failure = await Assert.ThrowsAsync<GatewayRateLimitedException>(() => clock.RunAsync(client.ChatAsync("x")));
        Assert.Equal((429, TimeSpan.FromSeconds(2), 4, 4), (failure.Status, failure.RetryAfter, failure.Attempts, gateway.Asked.Count));

        await using var impatient = new GatewayChatClient(gateway.Options with { MaxRetryDelay = TimeSpan.FromSeconds(1) }, time: clock);
        Assert.Equal(1, (await Assert.ThrowsAsync<GatewayRateLimitedException>(() => impatient.ChatAsync("x"))).Attempts);
    }

    public static TheoryData<int, string, string, Type> Kinds => new()
    {
        { 401, """{"success":false,"result":[],"messages":[],"error":[{"code":2009,"message":"Unauthorized"}],"name":"AiGatewayError","httpCode":401,"internalCode":2009}""", "2009", typeof(GatewayUnauthorizedException) },
        { 401, """{"error":{"message":"Incorrect key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", "invalid_api_key", typeof(GatewayUnauthorizedException) },
        { 403, """{"error":{"message":"no","type":"x","code":"forbidden"}}""", "forbidden", typeof(GatewayUnauthorizedException) },
        { 402, """{"error":{"message":"Insufficient credits","code":402}}""", "402", typeof(GatewayInsufficientCreditsException) },
        { 429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", "insufficient_quota", typeof(GatewayInsufficientCreditsException) },
        { 429, """{"success":false,"error":[{"code":2041,"message":"Spend limit exceeded"}]}""", "2041", typeof(GatewayInsufficientCreditsException) },
        { 400, """{"success":false,"error":[{"code":2001,"message":"Please configure AI Gateway in the Cloudflare dashboard"}]}""", "2001", typeof(GatewayNotFoundException) },
        { 404, """{"error":{"message":"no gateway","type":"not_found","param":null,"code":"gateway_not_found"}}""", "gateway_not_found", typeof(GatewayNotFoundException) },
        { 404, """{"error":{"message":"The model `gpt-4o-mni` does not exist","type":"x","param":null,"code":"model_not_found"}}""", "model_not_found", typeof(GatewayModelNotFoundException) },
        { 400, """{"errors":[{"message":"AiError: No such model","code":5007}],"success":false,"result":{},"messages":[]}""", "5007", typeof(GatewayModelNotFoundException) },
        { 404, """[{"error":{"code":404,"message":"models/x is not found for API version","status":"NOT_FOUND"}}]""", "404", typeof(GatewayModelNotFoundException) },
        { 504, "upstream timed out", "", typeof(GatewayTimeoutException) },
        { 408, "", "", typeof(GatewayTimeoutException) },
        { 500, """{"message":"boom","internalCode":1}""", "1", typeof(GatewayException) },
        { 503, "<html>busy</html>", "", typeof(GatewayException) },
        { 204, "", "", typeof(GatewayException) },
        { 400, "null", "", typeof(GatewayException) },
        { 400, "[]", "", typeof(GatewayException) },
        { 400, """{"error":null}""", "", typeof(GatewayException) },
    };

    [Theory, Trait("checklist", "S3-21"), Trait("checklist", "S3-22"), Trait("checklist", "S3-23")]
    [MemberData(nameof(Kinds))]
    public async Task Failure_HasItsKind_StatusAndRequest_AndIsNotRepeated(int status, string body, string code, Type kind)
    {
        await using var gateway = await ScriptedGateway.StartAsync(status is 204 ? context => { context.Response.StatusCode = 204; context.Response.Headers["x-request-id"] = "req-9"; return Task.CompletedTask; }
        : ScriptedGateway.Status(status, body, ("x-request-id", "req-9")));
        await using var client = gateway.Client();
        foreach (var ask in new Func<Task>[] { () => client.ChatAsync("x"), () => client.GetStreamingResponseAsync("x").ToChatResponseAsync() })
        {
            var failure = (GatewayException)await Assert.ThrowsAsync(kind, ask);
            Assert.Equal((status, code, "req-9"), (failure.Status, failure.Code ?? "", failure.RequestId));
            Assert.Contains("req-9", failure.Message);
        }
        Assert.Equal(2, gateway.Asked.Count);
    }

    [Fact, Trait("checklist", "S3-21")]
    public async Task Unauthorized_SaysWhatToCheck_AndNeverTheToken()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Error(401, "invalid_api_key", $"Incorrect API key provided: {ScriptedGateway.Token}."));
        await using var client = gateway.Client();
        var failure = await Assert.ThrowsAsync<GatewayUnauthorizedException>(() => client.ChatAsync("x"));
        Assert.All(["heck your gateway token", "CLOUDFLARE_GATEWAY_TOKEN", "https://dash.cloudflare.com/profile/api-tokens"], part => Assert.Contains(part, failure.Message));
        Assert.DoesNotContain(ScriptedGateway.Token, failure.ToString());
    }

    [Fact, Trait("checklist", "S0-17")]
    public async Task ModelNotFound_SaysWhichAreNear()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Error(404, "model_not_found", "nope"));
        await using var client = new GatewayChatClient(gateway.Options with { Provider = "cloudflare", Model = "llama-3-8b-instrct" });
        var failure = await Assert.ThrowsAsync<GatewayModelNotFoundException>(() => client.ChatAsync("x"));
        Assert.Equal("@cf/meta/llama-3-8b-instruct", failure.Suggestions[0]);
        Assert.Contains("Did you mean `@cf/meta/llama-3-8b-instruct`", failure.Message);
        Assert.Contains("in full", failure.Message);
    }

    [Fact]
    public async Task RealFailures_OfTheEmulator_HaveTheirKinds()
    {
        var stage = new ClientStage();
        await stage.InitializeAsync();
        try
        {
            await Fails<GatewayUnauthorizedException>(stage.Options() with { GatewayToken = "wrong" });
            await Fails<GatewayNotFoundException>(stage.Options() with { GatewayId = "nowhere" });
            await Fails<GatewayModelNotFoundException>(stage.Options(model: "unknown-gpt"));
            await stage.Emulator.SetUpstreamFaultAsync("openai", new { status = 402 });
            await Fails<GatewayInsufficientCreditsException>(stage.Options());
            await stage.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = 2 });
            await using var client = new GatewayChatClient(stage.Options());
            await Assert.ThrowsAsync<GatewayTruncatedException>(() => client.GetStreamingResponseAsync("some words to cut").ToChatResponseAsync());
        }
        finally
        {
            await stage.DisposeAsync();
        }

        static async Task Fails<T>(GatewayClientOptions options) where T : GatewayException
        {
            await using var client = new GatewayChatClient(options);
            await Assert.ThrowsAsync<T>(() => client.ChatAsync("x"));
        }
    }

    [Theory, Trait("checklist", "S3-13")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_CutAtAnyByte_IsNeverAnAnswer(bool aborted)
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        var length = 0;
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, length));
            if (!aborted) return;
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var client = gateway.Client();
        for (length = 0; length < bytes.Length; length++)
        {
            var failure = await Assert.ThrowsAnyAsync<GatewayException>(() => client.GetStreamingResponseAsync("x").ToChatResponseAsync());
            Assert.True(failure is GatewayTruncatedException, $"{length}: {failure}");
        }
        aborted = false;
        Assert.Equal("Hello ✓", (await client.GetStreamingResponseAsync("x").ToChatResponseAsync()).Text);
    }

    [Theory]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n")]
    [InlineData("")]
    public async Task Stream_WithoutFinishReason_IsTruncated(string events)
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Events(events));
        await using var client = gateway.Client();
        await Assert.ThrowsAsync<GatewayTruncatedException>(() => client.GetStreamingResponseAsync("x").ToChatResponseAsync());
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":\"server_is_overloaded\"}}\n\n", typeof(GatewayException))]
    [InlineData("data: {\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}\n\n", typeof(GatewayRateLimitedException))]
    [InlineData("data: {\"error\":\"text alone\"}\n\n", typeof(GatewayException))]
    [InlineData("data: not json\n\n", typeof(GatewayException))]
    [InlineData("data: [1]\n\n", typeof(GatewayException))]
    public async Task Stream_ThatTellsAnError_IsThatError_AndNotRepeated(string last, Type kind)
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Events("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n" + last));
        await using var client = gateway.Client();
        await Assert.ThrowsAsync(kind, () => client.GetStreamingResponseAsync("x").ToChatResponseAsync());
        Assert.Single(gateway.Asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":"x"}""")]
    [InlineData("""{"error":{"message":"in a 200"}}""")]
    public async Task Answer_ThatIsNone_IsToldByItsBeginning(string body)
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Status(200, body));
        await using var client = gateway.Client();
        await Assert.ThrowsAsync<GatewayException>(() => client.ChatAsync("x"));
    }

    [Fact]
    public async Task Answer_ThatBreaksOff_IsTruncated()
    {
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{\"choices\":[");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var client = gateway.Client();
        await Assert.ThrowsAsync<GatewayTruncatedException>(() => client.ChatAsync("x"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(195)]
    public async Task Answer_ThatRepeatsTheRequest_IsToldWithoutTheToken(int place)
    {
        await using var echo = await ScriptedGateway.StartAsync(context => context.Response.WriteAsync(new string('.', place) + context.Request.Headers.Authorization));
        await using var chat = echo.Client();
        using var vectors = new GatewayEmbeddingGenerator(echo.Options);
        using var native = new WorkersAiClient(new WorkersAiOptions { AccountId = "acc", ApiToken = ScriptedGateway.Token, BaseUrl = echo.BaseUrl });
        foreach (var ask in new Func<Task>[] { () => chat.ChatAsync("x"), () => vectors.GenerateAsync(["x"]), () => native.GetResponseAsync("x") })
            Assert.DoesNotContain(ScriptedGateway.Token[..5], (await Assert.ThrowsAsync<GatewayException>(ask)).ToString());
    }

    [Fact, Trait("checklist", "S3-13")]
    public async Task Stream_ThatNeverEndsAnEvent_IsGivenUp()
    {
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            var line = Encoding.ASCII.GetBytes(new string('x', 1 << 16));
            // Until the client hangs up.
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(line, context.RequestAborted);
        });
        await using var chat = gateway.Client();
        using var native = new WorkersAiClient(new WorkersAiOptions { AccountId = "acc", ApiToken = "token", BaseUrl = gateway.BaseUrl });
        foreach (var client in new IChatClient[] { chat, native })
            Assert.Contains("16 MiB", (await Assert.ThrowsAsync<GatewayAnswerTooLargeException>(() => client.GetStreamingResponseAsync("x").ToChatResponseAsync())).Message);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(200, true)]
    [InlineData(500, false)]
    public async Task Answer_BeyondItsBound_IsGivenUp_AndNotAskedForAgain(int status, bool saysItsLength)
    {
        const int Bound = 1 << 20;
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["x-request-id"] = "req-78";
            if (saysItsLength) context.Response.ContentLength = 1L << 40;
            // Until the client hangs up.
            for (var piece = new byte[1 << 16]; !context.RequestAborted.IsCancellationRequested;) await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });
        await using var chat = new GatewayChatClient(gateway.Options with { MaxAnswerBytes = Bound });
        using var vectors = new GatewayEmbeddingGenerator(gateway.Options with { MaxAnswerBytes = Bound });
        using var native = new WorkersAiClient(new WorkersAiOptions { AccountId = "acc", ApiToken = "token", BaseUrl = gateway.BaseUrl, MaxAnswerBytes = Bound });
        var asked = 0;
        foreach (var ask in new Func<Task>[] { () => chat.ChatAsync("x"), () => vectors.GenerateAsync(["x"]), () => native.GetResponseAsync("x") })
        {
            var failure = await Assert.ThrowsAsync<GatewayAnswerTooLargeException>(ask);
            Assert.Equal((Bound, status, "req-78", 1, ++asked), (failure.Limit, failure.Status, failure.RequestId, failure.Attempts, gateway.Asked.Count));
            Assert.Contains("MaxAnswerBytes", failure.Message);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_OfExactlyItsBound_IsRead(bool saysItsLength)
    {
        const int Bound = 1024;
        var text = """{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}""".PadRight(Bound);
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            if (saysItsLength) context.Response.ContentLength = text.Length;
            await context.Response.WriteAsync(text[..500]);
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(text[500..]);
        });
        await using var client = new GatewayChatClient(gateway.Options with { MaxAnswerBytes = Bound });
        Assert.Equal("whole", (await client.ChatAsync("x")).Text);
        text += " ";
        await Assert.ThrowsAsync<GatewayAnswerTooLargeException>(() => client.ChatAsync("x"));
    }

    [Theory, Trait("checklist", "S3-13")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_ThatBreaksOff_IsNeverAskedForAgain(bool aborted)
    {
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            await ScriptedGateway.Events("retry: 1\nid: 7\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n")(context);
            await context.Response.Body.FlushAsync();
            if (aborted) context.Abort();
        });
        await using var client = gateway.Client();
        await Assert.ThrowsAsync<GatewayTruncatedException>(() => client.GetStreamingResponseAsync("x").ToChatResponseAsync());
        Assert.Single(gateway.Asked);
    }

    /// <summary>Why the library reads events itself. Red: the SDK has learned it, and <c>TurnStream</c> may go.</summary>
    [Fact, Trait("checklist", "S3-13")]
    public async Task Sdk_ByItself_TakesACutStreamForAWholeOne()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Events(Whole[..Whole.IndexOf("finish_reason", StringComparison.Ordinal)]));
        var sdk = new OpenAI.Chat.ChatClient("m", new ApiKeyCredential("token"), new OpenAI.OpenAIClientOptions { Endpoint = gateway.BaseUrl });
        var said = new StringBuilder();
        await foreach (var update in sdk.CompleteChatStreamingAsync(new OpenAI.Chat.UserChatMessage("x"))) said.Append(update.ContentUpdate.FirstOrDefault()?.Text);
        Assert.Equal("Hello ✓", said.ToString());
    }

    [Fact, Trait("checklist", "S0-19")]
    public async Task HttpClientOfTheCaller_ThatGivesUpFirst_IsATimeout()
    {
        await using var gateway = await ScriptedGateway.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var http = new HttpClient { Timeout = TimeSpan.FromMilliseconds(50) };
        await using var client = new GatewayChatClient(gateway.Options, http);
        Assert.Contains("HttpClient", (await Assert.ThrowsAsync<GatewayTimeoutException>(() => client.ChatAsync("x"))).Message);
    }

    [Fact, Trait("checklist", "S0-19")]
    public async Task Silence_IsATimeout_AndNotAHang()
    {
        var asked = new TaskCompletionSource();
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options with { Timeout = TimeSpan.FromSeconds(100) }, time: clock);
        var answer = client.ChatAsync("x");
        await asked.Task;
        clock.Advance(TimeSpan.FromSeconds(99));
        Assert.False(answer.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<GatewayTimeoutException>(() => answer);
        Assert.Equal(TimeSpan.FromSeconds(100), failure.Limit);
    }

    [Fact, Trait("checklist", "S0-19")]
    public async Task SilenceWithinAStream_IsATimeout()
    {
        await using var gateway = await ScriptedGateway.StartAsync(async context =>
        {
            await ScriptedGateway.Events("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n")(context);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options with { Timeout = TimeSpan.FromSeconds(100) }, time: clock);
        await using var updates = client.GetStreamingResponseAsync("x").GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        // The reader may think as long as it likes: the limit is the gateway's.
        clock.Advance(TimeSpan.FromSeconds(500));
        var next = updates.MoveNextAsync().AsTask();
        await clock.TimerAsync();
        clock.Advance(TimeSpan.FromSeconds(100));
        await Assert.ThrowsAsync<GatewayTimeoutException>(() => next);
    }

    [Fact]
    public async Task Cancellation_IsCancellation_WhereverItComes()
    {
        await using var gateway = await ScriptedGateway.StartAsync(Limited());
        var clock = new TestClock();
        await using var client = new GatewayChatClient(gateway.Options, time: clock);
        using var cancelled = new CancellationTokenSource();
        var waiting = client.ChatAsync("x", cancellationToken: cancelled.Token);
        await clock.TimerAsync();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ChatAsync("x", cancellationToken: cancelled.Token));
        Assert.Single(gateway.Asked);
    }

    [Fact]
    public async Task NobodyThere_IsToldByTheAddress()
    {
        await using var client = new GatewayChatClient(new GatewayClientOptions { AccountId = "acc", GatewayToken = ScriptedGateway.Token, BaseUrl = new("http://127.0.0.1:9") });
        var failure = await Assert.ThrowsAsync<GatewayException>(() => client.ChatAsync("x"));
        Assert.Contains("127.0.0.1:9 cannot be reached", failure.Message);
        Assert.DoesNotContain(ScriptedGateway.Token, failure.ToString());
    }

    private static RequestDelegate Limited(params (string, string)[] headers) => ScriptedGateway.Error(429, "rate_limit_exceeded", "slow down", headers);
}
