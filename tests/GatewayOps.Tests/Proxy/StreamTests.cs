using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>Streams over real sockets whose timing the test holds in its hands.</summary>
public sealed class StreamTests
{
    private const string Chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Finish = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    [Fact]
    public async Task Stream_EachEvent_ArrivesBeforeTheNextIsSent()
    {
        using var next = new SemaphoreSlim(0);
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync(Chunk);
                await context.Response.Body.FlushAsync();
                await next.WaitAsync();
            }

            await context.Response.WriteAsync(Finish);
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        using var response = await SendAsync(service);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            // The upstream sends no more until this event has come through.
            Assert.Equal(Chunk.TrimEnd(), await reader.ReadLineAsync());
            Assert.Equal("", await reader.ReadLineAsync());
            next.Release();
        }

        Assert.Equal(Finish, await reader.ReadToEndAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_GoesAway_TheUpstreamIsCutWithinASecond(bool afterTheFirstByte)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            context.RequestAborted.Register(cut.SetResult);
            context.Response.ContentType = "text/event-stream";
            if (afterTheFirstByte)
            {
                await context.Response.WriteAsync(Chunk);
                await context.Response.Body.FlushAsync();
            }

            arrived.SetResult();
            await cut.Task;
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);
        using var leave = new CancellationTokenSource();

        var sending = SendAsync(service, leave.Token);
        await arrived.Task;
        var reading = afterTheFirstByte ? (await sending).Content.CopyToAsync(Stream.Null, leave.Token) : sending;
        var left = Stopwatch.GetTimestamp();
        await leave.CancelAsync();
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Assert.True(Stopwatch.GetElapsedTime(left) < TimeSpan.FromSeconds(1), $"{Stopwatch.GetElapsedTime(left)}");
        var record = "";
        await service.EventuallyAsync(
            async () => (record = await service.Operator.GetStringAsync("/api/v1/requests")).Contains("\"outcome\":\"cancelled\"", StringComparison.Ordinal), "the record");
        // What passed is accounted: the prompt and the one letter, by estimate.
        Assert.Equal(afterTheFirstByte, Regex.IsMatch(record, "\"tokensIn\":[23],\"tokensOut\":1"));
    }

    [Fact]
    public async Task Stream_ErrorAsFirstEvent_FallsBack()
    {
        var calls = 0;
        await using var upstream = await StubGateway.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync(Interlocked.Increment(ref calls) == 1 ? "data: {\"error\":{\"message\":\"overloaded\"}}\n\n" : Chunk + Finish);
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);
        await service.ActivateAsync("openai-compat", "r", await service.AddAsync(
            "r", """{ "providers": [ { "name": "openrouter", "priority": 1 }, { "name": "openai", "priority": 2 } ], "fallback": { "enabled": true } }"""));
        await service.EventuallyAsync(
            async () => (await Answer.OfAsync(service.Anonymous, new HttpRequestMessage(HttpMethod.Get, "/health")))["x-gatewayops-revision"] == "r@1", "the activation");

        using var response = await SendAsync(service);

        Assert.Equal(Chunk + Finish, await response.Content.ReadAsStringAsync());
        Assert.Equal("openai", response.Headers.GetValues("x-gatewayops-provider").Single());
    }

    [Fact]
    public async Task Stream_CutAgainAndAgain_LeavesTheProviderOut()
    {
        await using var upstream = await StubGateway.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync(context.Request.Path.Value!.Contains("/openrouter/", StringComparison.Ordinal) ? Chunk : Chunk + Finish);
        });
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>(upstream.Settings) { ["GatewayOps:Proxy:CircuitFailures"] = "2" });
        await service.ServeAsync("""{ "providers": [ { "name": "openrouter", "priority": 1 }, { "name": "openai", "priority": 2 } ], "fallback": { "enabled": true } }""");
        var providers = new List<string>();

        for (var i = 0; i < 3; i++)
        {
            using var response = await SendAsync(service);
            await response.Content.ReadAsStringAsync();
            providers.Add(response.Headers.GetValues("x-gatewayops-provider").Single());
        }

        Assert.Equal(["openrouter", "openrouter", "openai"], providers);
    }

    /// <summary>An old client, one that asks before it sends, one without a length, and one that does not wait for its answers: each gets what it asked for, whole and in order.</summary>
    [Theory]
    [InlineData("POST {0} HTTP/1.0\r\n{1}Content-Length: {2}\r\n\r\n{3}", 1, 0)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: x\r\n{1}Expect: 100-continue\r\nConnection: close\r\nContent-Length: {2}\r\n\r\n{3}", 1, 1)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: x\r\n{1}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{4}\r\n{3}\r\n0\r\nX-Trailer: a\r\n\r\n", 1, 0)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: x\r\n{1}Content-Length: {2}\r\n\r\n{3}POST {0} HTTP/1.1\r\nHost: x\r\n{1}Connection: close\r\nContent-Length: {2}\r\n\r\n{3}", 2, 0)]
    public async Task Stream_ToAnyClientOfHttp1_ComesWhole(string request, int answers, int continues)
    {
        var bodies = new List<string>();
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            bodies.Add(await reader.ReadToEndAsync());
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Chunk + Finish);
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);
        var body = ProxyStage.Chat(more: new { stream = true, stream_options = new { include_usage = true } });
        using var client = new TcpClient();
        await client.ConnectAsync(service.BaseUrl.Host, service.BaseUrl.Port);
        await using var stream = client.GetStream();

        var bytes = Encoding.ASCII.GetBytes(string.Format(
            CultureInfo.InvariantCulture, request, "/v1/chat/completions", $"Content-Type: application/json\r\nAuthorization: Bearer {TestService.ProxyToken}\r\n", body.Length, body, body.Length.ToString("x", CultureInfo.InvariantCulture)));
        // Who asks whether to send waits for the answer to that.
        var asked = continues == 0 ? bytes.Length : bytes.Length - body.Length;
        await stream.WriteAsync(bytes.AsMemory(0, asked));
        var said = new byte[continues * "HTTP/1.1 100 Continue\r\n\r\n".Length];
        await stream.ReadExactlyAsync(said).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        await stream.WriteAsync(bytes.AsMemory(asked));
        using var reader = new StreamReader(stream);
        var text = Encoding.ASCII.GetString(said) + await reader.ReadToEndAsync();

        Assert.Equal(Enumerable.Repeat(body, answers), bodies);
        Assert.Equal((answers, continues), (text.Split(" 200 OK\r\n").Length - 1, text.Split(" 100 Continue\r\n").Length - 1));
        Assert.Equal(answers, text.Split("data: [DONE]\n\n").Length - 1);
        Assert.DoesNotContain("error", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_AnsweredWhole_IsToldAsAStream()
    {
        const string whole = """{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi","tool_calls":[{"id":"t"}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}""";
        await using var upstream = await StubGateway.StartAsync(context => context.Response.WriteAsync(whole));
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        using var response = await SendAsync(service);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            """data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"finish_reason":"stop","delta":{"role":"assistant","content":"hi","tool_calls":[{"id":"t","index":0}]}}]}""" + "\n\ndata: [DONE]\n\n",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Completion_AnsweredWhole_IsToldAsAStreamOfCompletions()
    {
        const string whole = """{"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"hi","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}""";
        await using var upstream = await StubGateway.StartAsync(context => context.Response.WriteAsync(whole));
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        var answer = await Answer.PostAsync(service.Caller, """{"model":"gpt-3.5-turbo-instruct","prompt":"x","stream":true,"stream_options":{"include_usage":true}}""", "/v1/completions");

        Assert.Equal(
            """data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"hi","index":0,"logprobs":null,"finish_reason":"stop"}]}""" + "\n\n"
            + """data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}""" + "\n\ndata: [DONE]\n\n",
            answer.Text);
    }

    [Fact]
    public async Task Stop_WhileARequestRuns_FinishesAndRecordsIt()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var finish = new SemaphoreSlim(0);
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Chunk);
            await context.Response.Body.FlushAsync();
            arrived.SetResult();
            await finish.WaitAsync();
            await context.Response.WriteAsync(Finish);
        });
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database, settings: upstream.Settings);

        using var response = await SendAsync(service);
        await arrived.Task;
        var stopping = service.App.StopAsync();
        Assert.True(service.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        finish.Release();
        var text = await response.Content.ReadAsStringAsync();
        await stopping;

        Assert.Equal(Chunk + Finish, text);
        Assert.Equal(["ok"], await database.QueryAsync<string>("select outcome from request_records"));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task Plain_NotAnAnswer_Is502(string body)
    {
        await using var upstream = await StubGateway.StartAsync(context => context.Response.WriteAsync(body));
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        (await Answer.PostAsync(service.Caller, ProxyStage.Chat())).IsError(502, "upstream_invalid");
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        var calls = 0;
        await using var upstream = await StubGateway.StartAsync(context =>
        {
            Interlocked.Increment(ref calls);
            context.Response.Redirect("http://127.0.0.1:9/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        (await Answer.PostAsync(service.Caller, ProxyStage.Chat())).IsError(502, "upstream_invalid");

        Assert.Equal(1, calls);
        await service.EventuallyAsync(
            async () => (await service.Operator.GetStringAsync("/api/v1/requests")).Contains("\"outcome\":\"upstream_error\"", StringComparison.Ordinal), "a record that blames the upstream");
    }

    /// <summary>Over real sockets, without the last byte: the client is told in its own dialect, and the record says so.</summary>
    [Fact]
    public async Task Stream_CutOff_IsToldInItsDialect()
    {
        (string Path, RecordedAnswer Answer, string Body, string Error)[] dialects =
        [
            ("/v1/messages", RecordedAnswer.Messages, """{"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}""", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","),
            ("/v1/responses", RecordedAnswer.Responses, """{"model":"gpt-4o","stream":true,"input":"x"}""", "event: error\ndata: {\"type\":\"error\",\"code\":\"stream_truncated\","),
            ("/v1/completions", RecordedAnswer.Completions, """{"model":"gpt-3.5-turbo-instruct","stream":true,"prompt":"x"}""", "data: {\"error\":{"),
            ("/v1/completions", RecordedAnswer.ThroughChat, """{"model":"claude-sonnet-4-5","stream":true,"prompt":"x"}""", "data: {\"error\":{"),
        ];
        var (answer, missing) = (RecordedAnswer.Chat, 0);
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(answer.Bytes.AsMemory(0, answer.Bytes.Length - missing));
        });
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database, settings: upstream.Settings);
        foreach (var (path, recorded, body, error) in dialects)
        {
            (answer, missing) = (recorded, 0);
            var complete = await Answer.PostAsync(service.Caller, body, path);
            missing = 1;
            var cut = await Answer.PostAsync(service.Caller, body, path);

            Assert.DoesNotContain("error", complete.Text.Replace("\"error\":null", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains(error, cut.Text, StringComparison.Ordinal);
            Assert.StartsWith(cut.Text[..cut.Text.IndexOf(error, StringComparison.Ordinal)], complete.Text, StringComparison.Ordinal);
        }

        string[] expected = [.. dialects.SelectMany(_ => new[] { "ok", "truncated" })];
        await service.EventuallyAsync(async () => (await database.QueryAsync<string>("select outcome from request_records order by at")).SequenceEqual(expected), "the records");
    }

    [Fact]
    public async Task Client_ThatDoesNotRead_HoldsTheUpstreamBack()
    {
        var sent = 0L;
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var chunk = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Chunk, 1000)));
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            while (sent < 300L << 20)
            {
                var writing = context.Response.Body.WriteAsync(chunk).AsTask();
                if (await Task.WhenAny(writing, Task.Delay(TimeSpan.FromMilliseconds(500))) != writing)
                {
                    break;
                }

                sent += chunk.Length;
            }

            held.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        using var response = await SendAsync(service);
        await held.Task;

        // What the buffers of three connections hold, and no more: nothing is kept for a client that does not read.
        Assert.True(sent < 64 << 20, $"{sent} bytes");
    }

    [Fact]
    public async Task Whole_ThatCannotBeTold_Is502()
    {
        var body = "";
        await using var upstream = await StubGateway.StartAsync(context => context.Response.WriteAsync(body));
        await using var service = await TestService.StartAsync(settings: upstream.Settings);
        foreach (var hostile in new[] { """{"choices":[{"finish_reason":"stop"}],"id":1,"id":2}""", """{"\ud800":1,"choices":[{"finish_reason":"stop"}]}""", """{"choices":[{"finish_reason":"stop","\ud800":1}]}""" })
        {
            body = hostile;

            (await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { stream = true }))).IsError(502, "upstream_invalid");
        }
    }

    private static Task<HttpResponseMessage> SendAsync(TestService service, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(ProxyStage.Chat(more: new { stream = true }), Encoding.UTF8, "application/json") };
        return service.Caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
