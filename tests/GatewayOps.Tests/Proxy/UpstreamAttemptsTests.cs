using System.Net;
using System.Text;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>The attempts of one request on a clock of their own, against upstreams that answer by script.</summary>
public sealed class UpstreamAttemptsTests
{
    private const string Good = """{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}""";

    private static readonly UpstreamFailure UsedUp = new("x", Outcomes.Refused, new OpenAiError(429, "insufficient_quota", "insufficient_quota", "used up")) { MayFallBack = true };

    private readonly TestClock _clock = new();
    private readonly UpstreamHealth _health;
    private readonly ColdModels _models;

    public UpstreamAttemptsTests()
    {
        var options = Options.Create(new AttemptOptions { CircuitFailures = 5, CircuitOpenFor = TimeSpan.FromSeconds(30) });
        (_health, _models) = (new UpstreamHealth(options, _clock), new ColdModels(options, _clock));
    }

    [Fact]
    public async Task Run_RetryAfter_IsWaitedFor()
    {
        var result = await RunAsync(retries: 1, _ => Answer(429, "{}", retryAfter: 7), _ => Answer(200, Good));

        Assert.NotNull(result.Reply);
        Assert.Equal((2, TimeSpan.FromSeconds(7)), (result.Attempts, result.UpstreamTime));
    }

    [Fact]
    public async Task Run_RetryAfterBeyondPatience_IsTheCallersToWait()
    {
        var result = await RunAsync(retries: 3, _ => Answer(429, "{}", retryAfter: 60));

        Assert.Equal((1, Outcomes.RateLimited, TimeSpan.FromMinutes(1)), (result.Attempts, result.Failure!.Outcome, result.Failure.RetryAfter!.Value));
        Assert.Null(result.Failure.Body);
    }

    /// <summary>What one provider asks for is about itself: it holds when its turn comes again, and for nobody else.</summary>
    [Fact]
    public async Task Run_RetryAfter_HoldsWhenAnotherWasAskedMeanwhile()
    {
        var result = await RunAsync(retries: 2, ["openai", "groq"], _ => null, CancellationToken.None, _ => Answer(429, "{}", retryAfter: 7), _ => SlowlyAsync(2, 503), _ => Answer(200, Good));

        Assert.NotNull(result.Reply);
        Assert.Equal((3, TimeSpan.FromSeconds(7)), (result.Attempts, result.UpstreamTime));
    }

    [Theory]
    [InlineData(60, 0, "openai groq groq")]
    [InlineData(0, 60, "openai groq openai")]
    public async Task Run_RetryAfterBeyondPatience_KeepsNobodyElseFromBeingAskedAgain(int first, int second, string expected)
    {
        var asked = new List<string>();

        var result = await RunAsync(
            retries: 2, ["openai", "groq"],
            NoteIn(asked),
            CancellationToken.None,
            _ => Answer(503, "{}", retryAfter: first > 0 ? first : null), _ => Answer(503, "{}", retryAfter: second > 0 ? second : null), _ => Answer(200, Good));

        Assert.Equal(expected, string.Join(' ', asked));
        Assert.Equal((3, true), (result.Attempts, result.Reply is not null));
        Assert.True(result.UpstreamTime < TimeSpan.FromSeconds(1), $"{result.UpstreamTime}");
    }

    /// <summary>What an error says may come slowly or break off. It is one by its status, and nobody waits for its words longer than for an answer.</summary>
    [Theory]
    [InlineData(503, false, 2)]
    [InlineData(503, true, 2)]
    [InlineData(422, false, 1)]
    [InlineData(422, true, 1)]
    public async Task Run_ErrorWhoseBodyDoesNotEnd_IsJudgedByItsStatus(int status, bool breaksOff, int attempts)
    {
        var result = await RunAsync(
            retries: 1,
            _ => Task.FromResult(new UpstreamAnswer(new HttpResponseMessage((HttpStatusCode)status) { Content = new StreamContent(breaksOff ? new Broken("{ "u8.ToArray()) : new Pieces("{ "u8.ToArray(), 1) { ThenSilence = true }) }, _clock)),
            _ => Answer(200, Good));

        Assert.Equal((attempts, attempts == 2), (result.Attempts, result.Reply is not null));
        Assert.Equal(attempts == 2 ? null : (422, Outcomes.ClientError), result.Reply is null ? (result.Failure!.Error.Status, result.Failure.Outcome) : default((int, string)?));
        Assert.True(result.UpstreamTime < TimeSpan.FromSeconds(4), $"{result.UpstreamTime}");
    }

    [Fact]
    public async Task Run_ErrorBeyondTheBound_IsRetried()
    {
        var result = await RunAsync(retries: 1, _ => Answer(503, new string(' ', 5000)), _ => Answer(200, Good));

        Assert.Equal((2, true), (result.Attempts, result.Reply is not null));
    }

    [Fact]
    public async Task Run_QuotaUsedUp_IsNotRetriedAndPassesUnchanged()
    {
        const string quota = """{"error":{"message":"quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""";

        var result = await RunAsync(retries: 3, _ => Answer(429, quota));

        Assert.Equal((1, quota), (result.Attempts, Encoding.UTF8.GetString(result.Failure!.Body!.Value.Span)));
    }

    [Fact]
    public async Task Run_Backoff_GrowsAndIsBounded()
    {
        var result = await RunAsync(retries: 3, _ => throw new HttpRequestException("refused"));

        Assert.Equal((4, "upstream_unreachable"), (result.Attempts, result.Failure!.Error.Code));
        // 250, 500 and 1000 ms, each half fixed and half random.
        Assert.InRange(result.UpstreamTime, TimeSpan.FromMilliseconds(875), TimeSpan.FromMilliseconds(1750));
    }

    [Fact]
    public async Task Run_SilentUpstream_IsCutAtItsTimeout()
    {
        var result = await RunAsync(retries: 0, async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException();
        });

        Assert.Equal((504, TimeSpan.FromSeconds(3)), (result.Failure!.Error.Status, result.UpstreamTime));
    }

    /// <summary>Both are given the same time; which timer ends first is chance.</summary>
    [Theory]
    [InlineData(2_999, 504, Outcomes.Timeout)]
    [InlineData(1_000, 502, Outcomes.UpstreamError)]
    public async Task Run_GatewayReportsNoAnswer_IsATimeoutWhenTheTimeIsUp(int afterMs, int status, string outcome)
    {
        var result = await RunAsync(retries: 0, async token =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(afterMs), _clock, token);
            return await Answer(400, """{"success":false,"error":[{"code":2005,"message":"Failed to get response from provider"}]}""");
        });

        Assert.Equal((status, outcome), (result.Failure!.Error.Status, result.Failure.Outcome));
    }

    [Fact]
    public async Task Run_SilentUpstreams_EndAtTheOverallBound()
    {
        var result = await RunAsync(retries: 10, async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException();
        });

        Assert.Equal(504, result.Failure!.Error.Status);
        Assert.InRange(result.UpstreamTime, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(10));
        Assert.True(result.Attempts < 6, $"{result.Attempts} attempts");
    }

    [Fact]
    public async Task Run_AnswerBreaksOffAfterItsHeaders_IsNotRepeated()
    {
        var result = await RunAsync(retries: 3, _ => Task.FromResult(new UpstreamAnswer(
            new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Broken(Encoding.UTF8.GetBytes(Good[..20]))) }, _clock)));

        Assert.Equal((1, Outcomes.Truncated, 502), (result.Attempts, result.Failure!.Outcome, result.Failure.Error.Status));
    }

    [Fact]
    public async Task Run_AnswerBeyondTheBound_Is502()
    {
        var result = await RunAsync(retries: 3, _ => Answer(200, new string(' ', 5000)));

        Assert.Equal((1, "upstream_invalid"), (result.Attempts, result.Failure!.Error.Code));
    }

    [Fact]
    public async Task Run_ErrorThatClaimsSuccess_IsRetried()
    {
        var result = await RunAsync(retries: 1, _ => Answer(200, """{"error":{"message":"overloaded","code":502}}"""), _ => Answer(200, Good));

        Assert.Equal((2, true), (result.Attempts, result.Reply is not null));
    }

    [Fact]
    public async Task Run_FirstUpstreamMayNotBeAsked_TheSecondAnswersAtTheCostOfOneAttempt()
    {
        var result = await RunAsync(retries: 1, ["openai", "groq"], target => target.Provider.Slug == "openai" ? UsedUp : null, CancellationToken.None, _ => Answer(200, Good));

        Assert.Equal((1, true), (result.Attempts, result.Reply is not null));
    }

    [Fact]
    public async Task Run_NoUpstreamMayBeAsked_SaysWhy()
    {
        var result = await RunAsync(retries: 3, ["openai", "groq"], _ => UsedUp, CancellationToken.None, _ => throw new InvalidOperationException("asked"));

        Assert.Equal((0, UsedUp), (result.Attempts, result.Failure));
    }

    [Fact]
    public async Task Run_OneFailedAndTheOtherMayNotBeAsked_SaysWhatFailed()
    {
        var result = await RunAsync(
            retries: 2, ["openai", "groq"], target => target.Provider.Slug == "groq" ? UsedUp with { RetryAfter = TimeSpan.FromHours(3) } : null, CancellationToken.None, _ => Answer(503, "{}"));

        Assert.Equal((3, "upstream_failed"), (result.Attempts, result.Failure!.Error.Code));
    }

    [Fact]
    public async Task Run_CircuitIsOpen_CostsNoAttemptAndIsTold()
    {
        Open("openai");

        var answered = await RunAsync(retries: 0, ["openai", "groq"], _ => null, CancellationToken.None, _ => Answer(200, Good));
        var failed = await RunAsync(retries: 0, ["openai", "groq"], _ => null, CancellationToken.None, _ => Answer(503, "{}"));

        Assert.Equal((1, true), (answered.Attempts, answered.Reply is not null));
        Assert.Equal((1, "upstream_failed"), (failed.Attempts, failed.Failure!.Error.Code));
        Assert.Equal("groq answered 503. Left out, because of too many failures in a row: openai.", failed.Failure.Error.Message);
    }

    [Fact]
    public async Task Run_AllCircuitsAreOpen_TheOneThatIsDueFirstIsAsked()
    {
        Open("groq");
        _clock.Advance(TimeSpan.FromSeconds(10));
        Open("openai");
        var asked = new List<string>();

        var result = await RunAsync(
            retries: 2, ["openai", "groq"],
            NoteIn(asked),
            CancellationToken.None, _ => Answer(200, Good));

        Assert.Equal(["groq"], asked);
        Assert.Equal((1, true), (result.Attempts, result.Reply is not null));
        Assert.Equal((CircuitState.Closed, CircuitState.Open), (_health.StateOf("groq"), _health.StateOf("openai")));
    }

    [Fact]
    public async Task Run_OnlyUpstreamIsOpen_IsAskedAllTheSame()
    {
        Open("openai");

        Assert.Equal((1, "upstream_failed"), await RunAsync(retries: 3, _ => Answer(503, "{}")) is var result ? (result.Attempts, result.Failure!.Error.Code) : default);
    }

    [Fact]
    public async Task Run_CallerGoneWhileItProbes_LeavesTheTryToTheNext()
    {
        Open("openai");
        _clock.Advance(TimeSpan.FromSeconds(30));
        using var gone = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(retries: 0, gone.Token, async token =>
        {
            await gone.CancelAsync();
            token.ThrowIfCancellationRequested();
            throw new InvalidOperationException();
        }));

        Assert.Equal(CircuitState.HalfOpen, _health.StateOf("openai"));
        Assert.True(_health.Of("openai").TryEnter(out var isProbe) && isProbe);
    }

    [Theory]
    [InlineData(400, CircuitState.Closed)]
    [InlineData(429, CircuitState.HalfOpen)]
    [InlineData(500, CircuitState.Open)]
    public async Task Run_Probe_TellsByItsAnswer(int status, CircuitState state)
    {
        Open("openai");
        _clock.Advance(TimeSpan.FromSeconds(30));

        await RunAsync(retries: 0, _ => Answer(status, "{}"));

        Assert.Equal(state, _health.StateOf("openai"));
    }

    [Fact]
    public async Task Run_AnswerFromACache_SaysNothingOfTheProvider()
    {
        Open("openai");
        _clock.Advance(TimeSpan.FromSeconds(30));

        var result = await RunAsync(retries: 0, async _ =>
        {
            var kept = await Answer(200, Good);
            kept.CacheStatus = "hit";
            return kept;
        });

        Assert.Equal((false, CircuitState.HalfOpen), (result.IsCold, _health.StateOf("openai")));
    }

    [Fact]
    public async Task Run_CutOffAnswers_OpenTheCircuitToo()
    {
        for (var i = 0; i < 5; i++)
        {
            await RunAsync(retries: 0, _ => Task.FromResult(new UpstreamAnswer(
                new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Broken(Encoding.UTF8.GetBytes(Good[..20]))) }, _clock)));
        }

        Assert.False(_health.IsUp("openai"));
    }

    [Fact]
    public async Task Run_FirstAnswerOfAModel_IsCold()
    {
        Assert.Equal((true, false), ((await RunAsync(retries: 0, _ => Answer(200, Good))).IsCold, (await RunAsync(retries: 0, _ => Answer(200, Good))).IsCold));
    }

    [Fact]
    public async Task Run_CallerGone_Throws()
    {
        using var gone = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(retries: 3, gone.Token, async token =>
        {
            await gone.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException();
        }));
    }

    [Theory]
    [InlineData(2001, 400, 404, "gateway_not_found", 1)]
    [InlineData(2003, 429, 429, "rate_limit_exceeded", 1)]
    [InlineData(2005, 400, 502, "upstream_failed", 3)]
    [InlineData(2009, 401, 502, "gateway_unauthorized", 1)]
    [InlineData(2016, 424, 400, "content_blocked", 1)]
    [InlineData(2040, 400, 502, "provider_key_missing", 1)]
    [InlineData(9999, 500, 502, "gateway_failed", 3)]
    public async Task Run_FaultOfTheGateway_IsTold(int code, int status, int told, string toldCode, int attempts)
    {
        var envelope = $$"""{"success":false,"result":[],"messages":[],"error":[{"code":{{code}},"message":"x"}],"name":"AiGatewayError"}""";

        var result = await RunAsync(retries: 2, _ => Answer(status, envelope));

        Assert.Equal((told, toldCode, attempts), (result.Failure!.Error.Status, result.Failure.Error.Code, result.Attempts));
    }

    /// <summary>A gateway that is not there, a key or credit that it lacks: the provider was not asked, and is none the worse for others.</summary>
    [Theory]
    [InlineData(2001, 400)]
    [InlineData(2009, 401)]
    [InlineData(2021, 402)]
    [InlineData(2040, 400)]
    [InlineData(2047, 401)]
    [InlineData(2049, 402)]
    public async Task Run_FaultOfTheGateway_SaysNothingOfTheProvider(int code, int status)
    {
        for (var i = 0; i < 10; i++)
        {
            await RunAsync(retries: 0, _ => Answer(status, $$"""{"success":false,"result":[],"messages":[],"error":[{"code":{{code}},"message":"x"}],"name":"AiGatewayError"}"""));
        }

        Assert.Equal(CircuitState.Closed, _health.StateOf("openai"));
    }

    private void Open(string provider)
    {
        for (var i = 0; i < 5; i++)
        {
            _health.Report(provider, UpstreamFailure.Unreachable(provider), isProbe: false);
        }
    }

    private Task<UpstreamAnswer> Answer(int status, string body, int? retryAfter = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfter is { } seconds)
        {
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        }

        return Task.FromResult(new UpstreamAnswer(response, _clock));
    }

    private static Func<UpstreamTarget, UpstreamFailure?> NoteIn(List<string> asked) => target =>
    {
        asked.Add(target.Provider.Slug);
        return null;
    };

    private async Task<UpstreamAnswer> SlowlyAsync(int seconds, int status)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), _clock);
        return await Answer(status, "{}");
    }

    private Task<AttemptResult> RunAsync(int retries, params Func<CancellationToken, Task<UpstreamAnswer>>[] script) => RunAsync(retries, CancellationToken.None, script);

    private Task<AttemptResult> RunAsync(int retries, CancellationToken cancellationToken, params Func<CancellationToken, Task<UpstreamAnswer>>[] script) =>
        RunAsync(retries, ["openai"], _ => null, cancellationToken, script);

    private Task<AttemptResult> RunAsync(
        int retries, string[] providers, Func<UpstreamTarget, UpstreamFailure?> admit, CancellationToken cancellationToken, params Func<CancellationToken, Task<UpstreamAnswer>>[] script)
    {
        var options = Options.Create(new ProxyOptions { RequestTimeout = TimeSpan.FromSeconds(10), MaxAnswerBytes = 4096 });
        var attempts = new UpstreamAttempts(new Scripted(script), _health, _models, options, _clock, NullLogger<UpstreamAttempts>.Instance);
        var targets = providers.Select(provider => new UpstreamTarget(UpstreamProviders.Find(provider)!, "m", TimeSpan.FromSeconds(3))).ToList();
        var decision = new RouteDecision(Route.Default with { FallbackEnabled = true, RetryCount = retries }, targets, new ModelResolution("openai", "m", "m"));
        return _clock.RunAsync(attempts.RunAsync(
            decision,
            admit,
            (to, timeout) => new UpstreamRequest { Gateway = "gw", Provider = to.Provider, Operation = Operations.Chat, Body = [], Stream = false, RequestId = "r", Revision = "none", Timeout = timeout },
            cancellationToken));
    }

    /// <summary>One step per attempt; the last one repeats.</summary>
    private sealed class Scripted(Func<CancellationToken, Task<UpstreamAnswer>>[] steps) : IUpstream
    {
        private int _step;

        public Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) =>
            steps[Math.Min(_step++, steps.Length - 1)](cancellationToken);
    }

    private sealed class Broken(byte[] first) : MemoryStream(first)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Read(buffer.Span) is > 0 and var read ? ValueTask.FromResult(read) : throw new IOException("reset");
    }
}
