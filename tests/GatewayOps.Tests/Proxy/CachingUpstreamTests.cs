using System.Net;
using System.Text;
using System.Threading.Channels;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Caching;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>Identical requests at once, and answers in memory, against an upstream that answers when the test says so.</summary>
public sealed class CachingUpstreamTests
{
    private static readonly UpstreamProvider Direct = UpstreamProviders.Custom("custom-acme") with { IsDirect = true };
    private static readonly UpstreamProvider ByGateway = UpstreamProviders.Find("openai")!;

    private readonly TestClock _clock = new();
    private readonly Upstream _upstream = new();
    private readonly AnswerCache _cache;
    private readonly CachingUpstream _caching;

    public CachingUpstreamTests()
    {
        _cache = new AnswerCache(Options.Create(new AttemptOptions { CacheBytes = 40_000 }), _clock);
        _caching = new CachingUpstream(_upstream, _cache, _clock);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Identical_AtOnce_OneAsksAndAllHaveItsAnswer(bool direct)
    {
        var asked = Enumerable.Range(0, 5).Select(_ => AskAsync(Request(direct ? Direct : ByGateway))).ToList();
        await _upstream.AnswerAsync("one");

        var answers = await Task.WhenAll(asked);
        Assert.All(answers, answer => Assert.Equal("one", answer.Body));
        Assert.Equal(4, answers.Count(answer => answer.Cache == "hit"));
        Assert.Equal(1, _upstream.Calls);
    }

    /// <summary>The one that asked hears of its own failure; the others ask for themselves, at once and not one after the other.</summary>
    [Fact]
    public async Task Identical_TheOneThatAsksFails_TheOthersAskForThemselves()
    {
        var asked = Enumerable.Range(0, 3).Select(_ => AskAsync(Request(Direct))).ToList();

        await _upstream.FailAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => asked[0]);
        await _upstream.AnswerAsync("two");
        await _upstream.AnswerAsync("three");

        Assert.Equal(["three", "two"], (await Task.WhenAll(asked[1], asked[2])).Select(answer => answer.Body).Order());
        Assert.Equal(3, _upstream.Calls);
    }

    [Fact]
    public async Task Identical_AnErrorIsTheAnswer_IsNotShared()
    {
        var asked = Enumerable.Range(0, 2).Select(_ => AskAsync(Request(Direct))).ToList();

        await _upstream.AnswerAsync("no", status: 503);
        await _upstream.AnswerAsync("yes");

        Assert.Equal([503, 200], (await Task.WhenAll(asked)).Select(answer => answer.Status));
    }

    [Fact]
    public async Task Identical_OneThatWaitsLeaves_NobodyElseNotices()
    {
        using var gone = new CancellationTokenSource();
        var first = AskAsync(Request(Direct));
        var leaver = AskAsync(Request(Direct), cancellationToken: gone.Token);
        var third = AskAsync(Request(Direct));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        await _upstream.AnswerAsync("whole");

        Assert.Equal(["whole", "whole"], (await Task.WhenAll(first, third)).Select(answer => answer.Body));
        Assert.Equal(1, _upstream.Calls);
    }

    [Fact]
    public async Task Identical_TheOneThatAsksLeaves_TheOthersAskForThemselves()
    {
        using var gone = new CancellationTokenSource();
        var leaver = AskAsync(Request(Direct), cancellationToken: gone.Token);
        var second = AskAsync(Request(Direct));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        await _upstream.AnswerAsync("own");

        Assert.Equal("own", (await second).Body);
    }

    [Fact]
    public async Task OtherKeysAndOtherGateways_AreNotTheSame()
    {
        var asked = new[] { AskAsync(Request(Direct)), AskAsync(Request(Direct, key: "other")), AskAsync(Request(Direct) with { Gateway = "other" }) };

        await _upstream.AnswerAsync("a");
        await _upstream.AnswerAsync("b");
        await _upstream.AnswerAsync("c");

        Assert.Equal(["a", "b", "c"], (await Task.WhenAll(asked)).Select(answer => answer.Body).Order());
    }

    [Fact]
    public async Task WithoutARuleThatCaches_EverybodyAsks()
    {
        var asked = new[] { null, UpstreamCache.Skip }.SelectMany(cache => Enumerable.Range(0, 2).Select(_ => AskAsync(Request(Direct) with { Cache = cache }))).ToList();

        for (var i = 0; i < 4; i++)
        {
            await _upstream.AnswerAsync("x");
        }

        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal("bypass", answer.Cache));
    }

    [Fact]
    public async Task Streams_AreNotWaitedForAndKeptWhenWhole()
    {
        var asked = Enumerable.Range(0, 2).Select(_ => AskAsync(Request(Direct) with { Stream = true }, isWhole: false)).ToList();
        await _upstream.AnswerAsync("cut");
        await _upstream.AnswerAsync("cut");
        await Task.WhenAll(asked);
        Assert.Equal(0, _cache.Bytes);

        var whole = AskAsync(Request(Direct) with { Stream = true });
        await _upstream.AnswerAsync("whole");
        await whole;

        Assert.Equal(("whole", "hit"), (await AskAsync(Request(Direct) with { Stream = true })) is var hit ? (hit.Body, hit.Cache) : default);
    }

    [Fact]
    public async Task Gateway_KeepsItsAnswersItself()
    {
        var first = AskAsync(Request(ByGateway));
        await _upstream.AnswerAsync("kept there");
        await first;

        Assert.Equal(0, _cache.Bytes);
    }

    [Fact]
    public void Cache_AtItsBound_DropsTheLeastRecentlyUsed()
    {
        for (var i = 0; i < 5; i++)
        {
            _cache.Keep(new AnswerKey("gw", $"{i}"), Answer(7_400), TimeSpan.FromMinutes(1));
        }

        Assert.NotNull(_cache.Find(new AnswerKey("gw", "0")));
        _cache.Keep(new AnswerKey("gw", "5"), Answer(7_400), TimeSpan.FromMinutes(1));

        Assert.Equal(["0", "2", "3", "4", "5"], Enumerable.Range(0, 6).Select(i => $"{i}").Where(key => _cache.Find(new AnswerKey("gw", key)) is not null));
        Assert.Equal((true, 1L), (_cache.Bytes <= 40_000, _cache.Evicted));
    }

    [Fact]
    public void Cache_AnswerThatWouldPushOutAllOthers_IsNotKept()
    {
        _cache.Keep(new AnswerKey("gw", "a"), Answer(10_000), TimeSpan.FromMinutes(1));

        Assert.Equal((null, 0L), (_cache.Find(new AnswerKey("gw", "a")), _cache.Bytes));
    }

    [Fact]
    public void Cache_AfterTheTtl_HasNothing()
    {
        _cache.Keep(new AnswerKey("gw", "a"), Answer(10), TimeSpan.FromSeconds(60));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(_cache.Find(new AnswerKey("gw", "a")));

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(_cache.Find(new AnswerKey("gw", "a")));
        Assert.Equal(0, _cache.Bytes);
    }

    private static KeptAnswer Answer(int bytes) => new(new byte[bytes], "application/json");

    private static UpstreamRequest Request(UpstreamProvider provider, string key = "key") => new()
    {
        Gateway = "gw",
        Provider = provider,
        Operation = Operations.Chat,
        Body = [],
        Stream = false,
        RequestId = "r",
        Revision = "a@1",
        Cache = new UpstreamCache(key, TimeSpan.FromMinutes(5)),
    };

    // As the attempts do: read to the end, judge, pass on, dispose of.
    private async Task<(int Status, string Body, string Cache)> AskAsync(UpstreamRequest request, bool isWhole = true, CancellationToken cancellationToken = default)
    {
        using var answer = await _caching.SendAsync(request, cancellationToken);
        using var reader = new StreamReader(answer.Body(cancellationToken));
        var body = await reader.ReadToEndAsync(cancellationToken);
        if (answer.IsSuccess && isWhole)
        {
            answer.ProvedWhole();
        }

        return (answer.Status, body, answer.Cache);
    }

    private sealed class Upstream : IUpstream
    {
        private readonly Channel<TaskCompletionSource<UpstreamAnswer>> _waiting = Channel.CreateUnbounded<TaskCompletionSource<UpstreamAnswer>>();

        public int Calls { get; private set; }

        public Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
        {
            var source = new TaskCompletionSource<UpstreamAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            // Nobody answers a call that was given up.
            cancellationToken.Register(() => source.TrySetCanceled(cancellationToken));
            Calls++;
            _waiting.Writer.TryWrite(source);
            return source.Task;
        }

        /// <summary>Answers the call that waits for longest, once there is one.</summary>
        public async Task AnswerAsync(string body, int status = 200) => (await NextAsync()).TrySetResult(new UpstreamAnswer(
            new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") }, TimeProvider.System));

        public async Task FailAsync() => (await NextAsync()).TrySetException(new HttpRequestException("refused"));

        private async Task<TaskCompletionSource<UpstreamAnswer>> NextAsync()
        {
            while (true)
            {
                var source = await _waiting.Reader.ReadAsync();
                if (!source.Task.IsCompleted)
                {
                    return source;
                }
            }
        }
    }
}
