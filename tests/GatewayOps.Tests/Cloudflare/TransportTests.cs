using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;

namespace GatewayOps.Tests.Cloudflare;

public sealed class TransportTests
{
    private static readonly Answer Gateway = Answer.Ok("""{"id":"gw"}""");

    private static JsonObject Fields => new()
    {
        ["id"] = "gw",
        ["cache_invalidate_on_update"] = false,
        ["cache_ttl"] = 0,
        ["collect_logs"] = true,
        ["rate_limiting_interval"] = 0,
        ["rate_limiting_limit"] = 0,
    };

    /// <summary>The transport alone: a create without an answer is not looked up.</summary>
    private static CloudflareOptions Plain(CloudflareOptions options) => options with { Assumptions = new() { GatewayMayExistAfterTimeout = false } };

    [Theory]
    [InlineData("7")]
    [InlineData("Sat, 21 Nov 2026 12:00:07 GMT")]
    [InlineData("99999999")]
    [InlineData("-5")]
    [InlineData(null)]
    public async Task Throttled_WhateverItSays_NoRequestOfTheClientLeavesBeforeTheDeadline(string? retryAfter)
    {
        var throttled = retryAfter is null ? Answer.Throttled() : Answer.Throttled(("Retry-After", retryAfter));
        await using var stub = await StubCloudflare.StartAsync(throttled, Gateway);
        var client = stub.Client();
        var start = stub.Clock.GetUtcNow();

        var first = client.Gateways.FindAsync("gw", CancellationToken.None);
        await stub.Clock.TimerAsync();
        var others = Enumerable.Range(0, 5).Select(_ => client.Gateways.FindAsync("gw", CancellationToken.None));
        await stub.Clock.RunAsync(Task.WhenAll(others.Append(first)));

        var (least, most) = retryAfter switch { "7" or ['S', ..] => (7, 7.01), "99999999" => (300, 300.01), _ => (0.375, 0.501) };
        Assert.Equal(7, stub.Requests.Count);
        Assert.All(stub.Requests.Skip(1), seen => Assert.InRange((seen.At - start).TotalSeconds, least, most + 0.01));
    }

    [Fact]
    public async Task Throttled_EveryTime_GivesUpWithTheWaitThatWasAsked()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Throttled(("Retry-After", "7")));
        var failure = await FailureAsync(stub, client => client.Gateways.CreateAsync(Fields, CancellationToken.None));
        Assert.Equal((CloudflareErrorKind.RateLimited, 429, true, false, TimeSpan.FromSeconds(7)),
            (failure.Kind, failure.Status, failure.IsTransient, failure.IsAmbiguous, failure.RetryAfter));
        // A POST too: 429 says that nothing was done.
        Assert.Equal(3, stub.Requests.Count);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(504)]
    public async Task Get_StatusThatMayPass_IsRepeated(int status)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(status, "<html>no envelope</html>"), Gateway);
        Assert.NotNull(await stub.Clock.RunAsync(stub.Client().Gateways.FindAsync("gw", CancellationToken.None)));
        Assert.Equal(2, stub.Requests.Count);
        Assert.InRange(stub.Requests[1].At - stub.Requests[0].At, TimeSpan.FromSeconds(0.375), TimeSpan.FromSeconds(0.502));
    }

    [Fact]
    public async Task Get_ServerAsksForNoRepeat_IsNotRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(503, 1, "no", ("x-should-retry", "false")));
        Assert.Equal(CloudflareErrorKind.Server, (await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None))).Kind);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Get_ServerAsksForARepeat_IsRepeatedWhateverTheStatus()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, "odd", ("x-should-retry", "true")), Gateway);
        Assert.NotNull(await stub.Clock.RunAsync(stub.Client().Gateways.FindAsync("gw", CancellationToken.None)));
    }

    [Fact]
    public async Task Get_RefusedForGood_IsNotRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, "Required"));
        var failure = await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None));
        Assert.Equal((CloudflareErrorKind.Validation, false), (failure.Kind, failure.IsTransient));
        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(504)]
    [InlineData(408)]
    public async Task Post_ServerFails_IsAmbiguousAndNotRepeated(int status)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(status, ""));
        var failure = await FailureAsync(stub, client => client.Gateways.CreateAsync(Fields, CancellationToken.None));
        Assert.True(failure.IsAmbiguous);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Post_ServerAsksForARepeat_StillIsNotRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(500, 1, "again", ("x-should-retry", "true")));
        Assert.True((await FailureAsync(stub, client => client.Gateways.CreateAsync(Fields, CancellationToken.None))).IsAmbiguous);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Post_ConnectionDropped_IsAmbiguousAndNotRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped);
        var failure = await FailureAsync(stub, client => client.Gateways.CreateAsync(Fields, CancellationToken.None));
        Assert.Equal((CloudflareErrorKind.Network, true, true, null), (failure.Kind, failure.IsTransient, failure.IsAmbiguous, failure.Status));
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Post_ReusedConnectionDropped_IsNotRepeatedByTheHandlerEither()
    {
        await using var stub = await StubCloudflare.StartAsync(Gateway, Answer.Dropped);
        var client = stub.Client(Plain);
        await client.Gateways.FindAsync("gw", CancellationToken.None);
        await Assert.ThrowsAsync<CloudflareException>(() => client.Gateways.CreateAsync(Fields, CancellationToken.None));
        Assert.Single(stub.Requests, seen => seen.Method == "POST");
    }

    [Fact]
    public async Task Post_DuplicateNameRace_IsNoAmbiguity()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(500, 0, "UNIQUE constraint failed: routes.name"));
        var failure = await FailureAsync(stub, client => client.Gateways.CreateAsync(Fields, CancellationToken.None));
        Assert.Equal((CloudflareErrorKind.AlreadyExists, false), (failure.Kind, failure.IsAmbiguous));
    }

    [Fact]
    public async Task Post_NobodyListens_IsRepeatedAndNotAmbiguous()
    {
        var stub = await StubCloudflare.StartAsync(Gateway);
        var client = stub.Client();
        await stub.DisposeAsync();
        using var http = new HttpClient();
        using var closed = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        closed.Start();
        var options = new CloudflareOptions { AccountId = "acc", ApiToken = "t", BaseUrl = new($"http://{closed.LocalEndpoint}"), Timeout = Timeout.InfiniteTimeSpan };
        closed.Stop();
        var failure = await Assert.ThrowsAsync<CloudflareException>(() =>
            stub.Clock.RunAsync(new CloudflareClient(http, options, stub.Clock).Gateways.CreateAsync(Fields, CancellationToken.None)));
        Assert.Equal((CloudflareErrorKind.Network, false, true), (failure.Kind, failure.IsAmbiguous, failure.IsTransient));
        // It tried three times: two waits, at least three eighths and three quarters of a second.
        Assert.InRange(stub.Clock.GetUtcNow() - new Support.TestClock().GetUtcNow(), TimeSpan.FromSeconds(1.125), TimeSpan.FromSeconds(1.51));
    }

    [Fact]
    public async Task Get_ConnectionDropped_IsRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped, Gateway);
        Assert.NotNull(await stub.Clock.RunAsync(stub.Client().Gateways.FindAsync("gw", CancellationToken.None)));
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public async Task Put_ConnectionDroppedEveryTime_IsRepeatedAndEndsAmbiguous()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped);
        var failure = await FailureAsync(stub, client => client.Gateways.UpdateAsync("gw", Fields, CancellationToken.None));
        Assert.True(failure.IsAmbiguous);
        Assert.Equal(3, stub.Requests.Count);
    }

    [Fact]
    public async Task Delete_DoneButItsAnswerLost_IsDone()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped, Answer.Error(404, 7002, "Not Found"));
        Assert.False(await stub.Clock.RunAsync(stub.Client().Gateways.DeleteAsync("gw", CancellationToken.None)));
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public async Task Call_NoAnswerInTime_IsATimeout()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Silence);
        var call = stub.Client(options => Plain(options) with { Timeout = TimeSpan.FromSeconds(60), MaxRetries = 0 }).Gateways.CreateAsync(Fields, CancellationToken.None);
        while (stub.Requests.Count == 0) await Task.Yield();
        stub.Clock.Advance(TimeSpan.FromSeconds(60));
        var failure = await Assert.ThrowsAsync<CloudflareException>(() => call);
        Assert.Equal((CloudflareErrorKind.Timeout, true), (failure.Kind, failure.IsAmbiguous));
    }

    [Fact]
    public async Task Call_CallerGivesUp_IsACancellationNotAFailure()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Silence);
        using var given = new CancellationTokenSource();
        var call = stub.Client().Gateways.FindAsync("gw", given.Token);
        while (stub.Requests.Count == 0) await Task.Yield();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"result":{"id":"gw"}}""")]
    [InlineData("""{"success":true,"success":false,"result":{"id":"gw"}}""")]
    [InlineData("""{"success":true}""")]
    [InlineData("""{"success":true,"result":{"id":""}}""")]
    [InlineData("""{"success":true,"result":{"id":"\ud800"}}""")]
    [InlineData("""{"success":true,"result":7}""")]
    public async Task Call_AnswerIsNoEnvelope_IsAProtocolFailure(string body)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, body));
        Assert.Equal(CloudflareErrorKind.Protocol, (await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None))).Kind);
        Assert.True((await FailureAsync(stub, client => client.Gateways.CreateAsync(Fields, CancellationToken.None))).IsAmbiguous);
    }

    [Fact]
    public async Task Call_StatusOkButNoSuccess_IsAFailure()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, """{"success":false,"errors":[{"code":7002,"message":"Not Found"}]}"""));
        Assert.Null(await stub.Client().Gateways.FindAsync("gw", CancellationToken.None));
    }

    [Fact]
    public async Task Failure_ErrorsWithPathAndChain_AreAllRead()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(400,
            """{"success":false,"errors":[{"message":"no code","path":["body","rules",1,"limit"]},{"code":6003,"message":"outer","error_chain":[{"code":6111,"message":"inner"}]},"text",7]}"""));
        var failure = await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None));
        Assert.Equal([new(null, "no code", "body.rules.1.limit"), new(6003, "outer"), new(6111, "inner"), new(null, "text")], failure.Errors);
        Assert.Contains("GET gateways/{id}: 400", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_Ray_IsKeptApartFromTheMessage()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, "Required", ("cf-ray", "8a1b2c3d4e5f6789-FRA")));
        var failure = await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None));
        Assert.Equal("8a1b2c3d4e5f6789-FRA", failure.Ray);
        Assert.Equal([7001], failure.Codes);
        Assert.DoesNotContain("8a1b", failure.Message, StringComparison.Ordinal);
        Assert.Contains("cf-ray: 8a1b2c3d4e5f6789-FRA", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"success":false,"result":[],"messages":[],"error":[{"code":2009,"message":"Unauthorized"}],"name":"AiGatewayError","httpCode":401,"internalCode":2009}""", 2009, "Unauthorized")]
    [InlineData("""{"name":"AiError","internalCode":5007,"httpCode":400,"message":"No such model","description":"No such model"}""", 5007, "No such model")]
    [InlineData("""{"success":false,"error":{"message":"Access denied by policy"}}""", null, "Access denied by policy")]
    [InlineData("""{"error":{"message":"bad","type":"invalid_request_error","code":"model_not_found"}}""", null, "bad")]
    [InlineData("""{"success":false,"errors":[{"message":"no code"}]}""", null, "no code")]
    public async Task Failure_OfAnotherShape_IsRead(string body, int? code, string message)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(400, body));
        var failure = await FailureAsync(stub, client => client.Secrets.CreateStoreAsync("gw", CancellationToken.None));
        Assert.Equal([(code, message)], failure.Errors.Select(error => (error.Code, error.Message)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"success":false}""")]
    [InlineData("""{"success":false,"errors":null,"messages":null,"result":null}""")]
    [InlineData("""{"success":false,"errors":[null,7,{"code":"x","message":5}]}""")]
    public async Task Failure_WithoutAnythingInIt_GoesByItsStatus(string body)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(403, body));
        var failure = await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None));
        Assert.Equal((CloudflareErrorKind.Permission, 0), (failure.Kind, failure.Codes.Count));
    }

    [Fact]
    public async Task Failure_HugeMessage_IsCut()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, new string('x', 100_000)));
        Assert.InRange((await FailureAsync(stub, client => client.Gateways.FindAsync("gw", CancellationToken.None))).Message.Length, 1000, 1200);
    }

    [Fact]
    public async Task Limiter_ManyCallsOfOneClient_ShareIt()
    {
        await using var stub = await StubCloudflare.StartAsync(Gateway);
        var client = stub.Client(options => options with { RequestsPerFiveMinutes = 4 });
        await stub.Clock.RunAsync(Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.Gateways.FindAsync("gw", CancellationToken.None))));
        var start = new Support.TestClock().GetUtcNow();
        Assert.Equal(10, stub.Requests.Count);
        Assert.True(stub.Clock.GetUtcNow() - start >= TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task Secrets_InAnswersOfTheServer_NeverReachAnException()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) =>
            Answer.Error(400, 7001, $"bad {StubCloudflare.Token} and {(seen.Body.Contains("sk-canary", StringComparison.Ordinal) ? "sk-canary" : "")}"));
        var failure = await FailureAsync(stub, client => client.Secrets.CreateSecretAsync("s", new("n", "sk-canary", ["ai_gateway"]), CancellationToken.None));
        Assert.DoesNotContain("canary", failure.ToString() + string.Join(' ', failure.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_OfRecords_AreNotPrinted()
    {
        var options = new CloudflareOptions { AccountId = "acc", ApiToken = "canary" };
        Assert.DoesNotContain("canary", options.ToString(), StringComparison.Ordinal);
        Assert.Contains("acc", options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", new NewSecret("name", "canary", []).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("canary\r\nX-Injected: 1")]
    [InlineData("canary one")]
    [InlineData("canaryé")]
    public void Options_TokenThatNoHeaderCarries_IsRefusedWithoutShowingIt(string token)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new CloudflareClient(new HttpClient(), new() { AccountId = "a", ApiToken = token }, TimeProvider.System));
        Assert.Contains("ApiToken", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refusal.ToString(), StringComparison.Ordinal);
    }

    private static async Task<CloudflareException> FailureAsync<T>(StubCloudflare stub, Func<CloudflareClient, Task<T>> call) =>
        await Assert.ThrowsAsync<CloudflareException>(() => stub.Clock.RunAsync(call(stub.Client(Plain))));
}
