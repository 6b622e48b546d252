using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;

namespace GatewayOps.Tests.Cloudflare;

/// <summary>How long a call takes at most, and for what it waits on its own.</summary>
public sealed class DeadlineTests
{
    private static readonly Answer Gateway = Answer.Ok("""{"id":"gw"}""");
    private static readonly Answer Pending = Answer.Error(400, 7001, "Secret gw_openai_default was not found");

    [Fact]
    public async Task Call_CloudflareHangs_EndsAtTheDeadlineNotAfterEveryAttempt()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Silence);
        var call = stub.Client(options => options with { Timeout = TimeSpan.FromSeconds(60) }).Within(TimeSpan.FromSeconds(10)).Gateways.FindAsync("gw", CancellationToken.None);
        while (stub.Requests.Count == 0) await Task.Yield();
        stub.Clock.Advance(TimeSpan.FromSeconds(10));
        var failure = await call.WaitAsync(TimeSpan.FromSeconds(30)).FailureAsync();
        Assert.Equal((CloudflareErrorKind.Timeout, true, false), (failure.Kind, failure.IsTransient, failure.IsAmbiguous));
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Call_WaitWouldEndAfterTheDeadline_FailsAtOnceWithWhatWasSaid()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Throttled(("Retry-After", "60")), Gateway);
        var start = stub.Clock.GetUtcNow();
        var failure = await stub.Client().Within(TimeSpan.FromSeconds(10)).Gateways.FindAsync("gw", CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.RateLimited, TimeSpan.FromSeconds(60), start), (failure.Kind, failure.RetryAfter, stub.Clock.GetUtcNow()));
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Call_LimiterHoldsItUntilTheDeadline_IsNotSentAndNotAmbiguous()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Throttled(("Retry-After", "60")), Gateway);
        var client = stub.Client().Within(TimeSpan.FromSeconds(10));
        await client.Gateways.FindAsync("gw", CancellationToken.None).FailureAsync();
        var failure = await stub.Clock.RunAsync(client.Secrets.CreateStoreAsync("keys", CancellationToken.None)).FailureAsync();
        Assert.Equal((CloudflareErrorKind.Timeout, true, false), (failure.Kind, failure.IsTransient, failure.IsAmbiguous));
        Assert.Contains("not sent", failure.Message, StringComparison.Ordinal);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Call_WriteCutByTheDeadline_IsAmbiguous()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Silence);
        var call = stub.Client().Within(TimeSpan.FromSeconds(10)).Secrets.CreateStoreAsync("keys", CancellationToken.None);
        while (stub.Requests.Count == 0) await Task.Yield();
        stub.Clock.Advance(TimeSpan.FromSeconds(10));
        var failure = await call.FailureAsync();
        Assert.Equal((CloudflareErrorKind.Timeout, true), (failure.Kind, failure.IsAmbiguous));
    }

    [Fact]
    public async Task Within_OtherClient_SharesTheLimiter()
    {
        await using var stub = await StubCloudflare.StartAsync(Gateway);
        var client = stub.Client(options => options with { RequestsPerFiveMinutes = 1 });
        await client.Gateways.FindAsync("gw", CancellationToken.None);
        var second = client.Within(TimeSpan.FromMinutes(10)).Gateways.FindAsync("gw", CancellationToken.None);
        stub.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Single(stub.Requests);
        stub.Clock.Advance(TimeSpan.FromSeconds(1));
        await second.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromMinutes(5), stub.Requests[1].At - stub.Requests[0].At);
    }

    [Fact]
    public async Task Secret_StaysPending_IsAskedForAsLongAsTheAssumptionSaysWhateverTheRetries()
    {
        await using var stub = await StubCloudflare.StartAsync(Pending);
        var client = stub.Client(options => options with { MaxRetries = 0, Assumptions = new() { SecretActivation = TimeSpan.FromSeconds(8) } });
        var failure = await stub.Clock.RunAsync(client.ProviderConfigs.CreateAsync("gw", new("openai", "default", true, "s1"), CancellationToken.None)).FailureAsync();
        Assert.Equal((CloudflareErrorKind.NotFound, true, false), (failure.Kind, failure.IsTransient, failure.IsAmbiguous));
        Assert.InRange(stub.Requests[^1].At - stub.Requests[0].At, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));
        Assert.InRange(stub.Requests.Count, 4, 6);
    }

    [Fact]
    public async Task Secret_PendingThenActive_MakesTheConfig()
    {
        await using var stub = await StubCloudflare.StartAsync(Pending, Pending, Pending, Answer.Ok("""{"id":"p","provider_slug":"openai","alias":"default","default_config":0}"""));
        var made = await stub.Clock.RunAsync(stub.Client(options => options with { MaxRetries = 0 }).ProviderConfigs.CreateAsync("gw", new("openai", "default", false, "s1"), CancellationToken.None));
        Assert.False(made.DefaultConfig);
        Assert.Equal(4, stub.Requests.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task NewToken_Flapping_IsWaitedForWithinItsGrace(int status)
    {
        await using var stub = await StubCloudflare.StartAsync(Enumerable.Repeat(Answer.Error(status, 10000, "Authentication error"), 5).Append(Gateway).ToArray());
        Assert.NotNull(await stub.Clock.RunAsync(stub.Client(options => options with { NewTokenGrace = TimeSpan.FromSeconds(60) }).Gateways.FindAsync("gw", CancellationToken.None)));
        Assert.Equal(6, stub.Requests.Count);
    }

    [Fact]
    public async Task NewToken_GraceOverOrNone_ARefusalIsARefusal()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(403, 10000, "Authentication error"));
        Assert.Equal(CloudflareErrorKind.Permission, (await stub.Client().Gateways.FindAsync("gw", CancellationToken.None).FailureAsync()).Kind);
        Assert.Single(stub.Requests);

        var start = stub.Clock.GetUtcNow();
        await stub.Clock.RunAsync(stub.Client(options => options with { NewTokenGrace = TimeSpan.FromSeconds(60) }).Gateways.FindAsync("gw", CancellationToken.None)).FailureAsync();
        Assert.InRange(stub.Clock.GetUtcNow() - start, TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Answer_SaysThatNothingIsLeft_HoldsTheNextCallUntilTheWindowIsOver()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"id":"gw"}""", ("Ratelimit", "\"default\";r=0;t=42"), ("Ratelimit-Policy", "\"burst\";q=1200;w=300")), Gateway);
        var client = stub.Client();
        await client.Gateways.FindAsync("gw", CancellationToken.None);
        await stub.Clock.RunAsync(client.Gateways.FindAsync("gw", CancellationToken.None));
        Assert.InRange(stub.Requests[1].At - stub.Requests[0].At, TimeSpan.FromSeconds(42), TimeSpan.FromSeconds(42.1));
    }

    [Theory]
    [InlineData("\"default\";r=10;t=42")]
    [InlineData("nonsense")]
    [InlineData("r=0")]
    public async Task Answer_SaysAnythingElse_HoldsNothing(string header)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"id":"gw"}""", ("Ratelimit", header)), Gateway);
        var client = stub.Client();
        await client.Gateways.FindAsync("gw", CancellationToken.None);
        await client.Gateways.FindAsync("gw", CancellationToken.None);
        Assert.Equal(stub.Requests[0].At, stub.Requests[1].At);
    }

    [Fact]
    public async Task Budgets_OfOneClient_AreApart()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Throttled(("Retry-After", "300")), Answer.Ok("""{"id":"gw"}"""));
        var client = stub.Client(options => options with { MaxRetries = 0 });
        await client.Secrets.CreateSecretAsync("s", new NewSecret("n", "v", ["ai_gateway"]), CancellationToken.None).FailureAsync();
        var held = client.Gateways.FindAsync("gw", CancellationToken.None);
        await stub.Clock.TimerAsync();
        Assert.False(held.IsCompleted);
        await stub.Clock.RunAsync(held);
    }
}
