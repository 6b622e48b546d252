using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class AttemptTests
{
    [Fact]
    public async Task Retry_ByHeader_SecondAttemptAnswersAndEachIsLogged()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503, times = 1 });

        var answer = await gateway.ChatAsync("x", "cf-aig-max-attempts: 3", "cf-aig-retry-delay: 1");

        Assert.Equal(200, answer.Status);
        Assert.Equal([503, 200], gateway.Logs.Select(row => row.StatusCode));
        Assert.Equal(answer.Headers["cf-aig-log-id"], gateway.Logs[^1].Id);
    }

    [Fact]
    public async Task Retry_ByGateway_LastAnswerPassesAsItIs()
    {
        await using var gateway = await TestGateway.StartAsync(new { retry_max_attempts = 3, retry_delay = 1, retry_backoff = "exponential" });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 429, retryAfterSeconds = 7 });

        var answer = await gateway.ChatAsync();

        Assert.Equal((429, "7"), (answer.Status, answer.Headers["retry-after"]));
        Assert.Equal(3, await gateway.UpstreamRequestsAsync());
        Assert.Equal("rate_limit_exceeded", answer.Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Retry_ClientError_IsNotRepeated()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(model: "unknown-model"), TestGateway.ProviderKey, "cf-aig-max-attempts: 5");

        Assert.Equal(404, answer.Status);
        Assert.Equal("model_not_found", answer.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(1, await gateway.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task Timeout_FirstByteTooLate_400With2005()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 60_000 });
        var started = Stopwatch.GetTimestamp();

        var answer = await gateway.ChatAsync("x", "cf-aig-request-timeout: 50");

        Assert.Equal((400, 2005), (answer.Status, answer.ErrorCode));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(50));
        Assert.False(Assert.Single(gateway.Logs).Success);
    }

    [Fact]
    public async Task Timeout_LastOfSeveralAttempts_Waits()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 1500 });

        var answer = await gateway.ChatAsync("x", "cf-aig-request-timeout: 20", "cf-aig-max-attempts: 2");

        Assert.Equal(200, answer.Status);
        Assert.Equal([400, 200], gateway.Logs.Select(row => row.StatusCode));
    }

    [Fact]
    public async Task Timeout_StreamThatBegan_IsNotCut()
    {
        var openai = GatewayProvider.Find("openai")!;
        var request = new UpstreamRequest(openai, "POST", "chat/completions", "", [], "{}"u8.ToArray(), Streamed: true);
        var draft = new LogDraft("01", Started: 0);
        await using var attempt = await Attempt.SendAsync(new PausingUpstream(), request, PausingUpstream.Pause * 0.8, draft, CancellationToken.None);

        var pieces = 0;
        await foreach (var _ in attempt.PiecesAsync())
            pieces++;

        Assert.Equal(2, pieces);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task Stream_CutMidWay_IsCutForTheClientAndHasNoDone(int events)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = events });

        var (text, broken) = await ReadToTheEndAsync(gateway);

        Assert.True(broken);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Equal(events, text.Split("data: ").Length - 1);
        await Eventually(() => gateway.Logs.Count == 1);
        Assert.False(gateway.Logs[0].Success);
        Assert.Equal(1, await gateway.UpstreamRequestsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_CutBeforeTheFirstByte_IsRetried(bool stream)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = 0, times = 1 });

        var answer = await gateway.PostAsync(
            "openai/chat/completions", TestGateway.Chat(more: new { stream }), TestGateway.ProviderKey, "cf-aig-max-attempts: 2");

        Assert.Equal(200, answer.Status);
        Assert.Equal(2, gateway.Logs.Count);
    }

    [Fact]
    public async Task Client_GoesAway_UpstreamIsGivenUp()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 60_000 });
        using var patience = new CancellationTokenSource();

        var pending = gateway.Http.PostAsync("openai/chat/completions", new StringContent(TestGateway.Chat(), Encoding.UTF8, "application/json"), patience.Token);
        while (await gateway.UpstreamRequestsAsync() == 0)
            await Task.Yield();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);

        await Eventually(() => gateway.Logs.Count == 1);
        Assert.Equal(499, gateway.Logs[0].StatusCode);
    }

    private static async Task<(string Text, bool Broken)> ReadToTheEndAsync(TestGateway gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "openai/chat/completions")
        {
            Content = new StringContent(TestGateway.Chat("one two three four five", more: new { stream = true }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", "Bearer k");
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await body.ReadAsync(buffer)) > 0;)
                text.Write(buffer, 0, read);
            return (Encoding.UTF8.GetString(text.ToArray()), false);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            return (Encoding.UTF8.GetString(text.ToArray()), true);
        }
    }

    private static async Task Eventually(Func<bool> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (!holds() && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20))
            await Task.Delay(5);
        Assert.True(holds());
    }

    /// <summary>A stream whose second event takes longer than anybody's patience for the first.</summary>
    private sealed class PausingUpstream : IUpstream
    {
        public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2.5);

        public Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new UpstreamReply(200, [new("content-type", UpstreamReply.EventStream)], EventsAsync(CancellationToken.None)));

        private static async IAsyncEnumerable<ReadOnlyMemory<byte>> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return "data: 1\n\n"u8.ToArray();
            await Task.Delay(Pause, cancellationToken);
            yield return "data: [DONE]\n\n"u8.ToArray();
        }
    }
}
