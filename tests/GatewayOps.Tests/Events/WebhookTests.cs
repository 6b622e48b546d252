using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Events;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Events;

public sealed class WebhookTests
{
    private const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    [Fact]
    public async Task Changes_AreToldInTheirOrder_SignedAndAsCloudEvents()
    {
        await using var receiver = await TestReceiver.StartAsync();
        await using var service = await StartAsync(receiver);
        await SinkAsync(service, sink => sink.GetProperty("state").GetString() == "ok");
        await service.AddAsync("a", """{"settings":{"cache_ttl":60}}""");
        await service.ActivateAsync("prod", "a", 1);

        await service.EventuallyAsync(() => receiver.Received.Count == 2, "two events");

        var (first, second) = (receiver.Received[0], receiver.Received[1]);
        var body = JsonSerializer.Deserialize<JsonElement>(first.Body);
        var row = (await service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/audit?action=content.add")).GetProperty("audit")[0];
        Assert.Equal(["1", "2"], new[] { first.Id, second.Id });
        Assert.StartsWith("application/cloudevents+json", first.Headers["content-type"]);
        Assert.Equal(("1.0", "1", "test", "gatewayops.content.add", "a@1"), (Text(body, "specversion"), Text(body, "id"), Text(body, "source"), Text(body, "type"), Text(body, "subject")));
        Assert.Equal((Text(row, "hash"), Text(row, "actor"), Text(row, "requestId")), (Text(body.GetProperty("data"), "hash"), Text(body.GetProperty("data"), "actor"), Text(body.GetProperty("data"), "requestId")));
        // As a receiver verifies it, by Standard Webhooks.
        var key = Convert.FromBase64String(Secret["whsec_".Length..]);
        var signed = Encoding.UTF8.GetBytes($"{first.Id}.{first.Headers["webhook-timestamp"]}.").Concat(first.Body).ToArray();
        Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}", first.Headers["webhook-signature"]);
        Assert.InRange(long.Parse(first.Headers["webhook-timestamp"]), DateTimeOffset.UnixEpoch.ToUnixTimeSeconds() + 1, long.MaxValue);
        Assert.DoesNotContain("traceparent", first.Headers.Keys);
    }

    /// <summary>The example of the Standard Webhooks specification.</summary>
    [Fact]
    public void Signature_IsThatOfStandardWebhooks()
    {
        var key = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        var signature = EventMessage.SignatureOf("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Encoding.UTF8.GetBytes("""{"test": 2432232314}"""), [key, key]);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public async Task Failed_IsTriedAgainWithTheSameId_AndNothingOvertakesIt()
    {
        await using var receiver = await TestReceiver.StartAsync();
        var failures = 2;
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = Interlocked.Decrement(ref failures) >= 0 ? 503 : 204;
            return Task.CompletedTask;
        };
        await using var service = await StartAsync(receiver);
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");
        await service.AddAsync("b", "{}");

        await service.EventuallyAsync(() => receiver.Received.Count == 4, "four attempts");

        Assert.Equal(["1", "1", "1", "2"], receiver.Received.Select(received => received.Id));
        var sink = await SinkAsync(service, sink => sink.GetProperty("behind").GetInt32() == 0);
        Assert.Equal(("ok", 2, 0), (Text(sink, "state"), sink.GetProperty("sequence").GetInt32(), sink.GetProperty("attempts").GetInt32()));
        Assert.Single(service.Log.Lines, line => line.Contains("[10000]"));
        Assert.Single(service.Log.Lines, line => line.Contains("[10001]"));
    }

    [Fact]
    public async Task Busy_IsLeftAloneForAsLongAsItAsks()
    {
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1200";
            return Task.CompletedTask;
        };
        await using var service = await StartAsync(receiver);
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");

        var sink = await SinkAsync(service, sink => sink.GetProperty("attempts").GetInt32() == 1);

        Assert.Equal(("retrying", "answered 429"), (Text(sink, "state"), Text(sink, "lastError")));
        Assert.InRange(sink.GetProperty("nextAttemptAt").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddSeconds(1100), TimeProvider.System.GetUtcNow().AddSeconds(1200));
    }

    [Fact]
    public async Task Filter_TellsOnlyWhatIsWanted_AndMovesOn()
    {
        await using var receiver = await TestReceiver.StartAsync();
        await using var service = await StartAsync(receiver, ("Actions", "content.activate"));
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");
        await service.ActivateAsync("prod", "a", 1);
        await service.AddAsync("b", "{}");

        await SinkAsync(service, sink => sink.GetProperty("behind").GetInt32() == 0 && sink.GetProperty("sequence").GetInt32() == 3);

        Assert.Equal(["2"], receiver.Received.Select(received => received.Id));
    }

    [Fact]
    public async Task NewWebhook_BeginsNow_AndARestartGoesOnWhereItStopped()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var receiver = await TestReceiver.StartAsync();
        await using (var before = await TestService.StartAsync(database))
        {
            await before.AddAsync("before", "{}");
        }

        await using (var first = await StartAsync(receiver, database: database))
        {
            await SinkAsync(first, _ => true);
            await first.AddAsync("a", "{}");
            await first.EventuallyAsync(() => receiver.Received.Count == 1, "the first event");
            await SinkAsync(first, sink => sink.GetProperty("behind").GetInt32() == 0);
        }

        await using (var without = await TestService.StartAsync(database))
        {
            await without.AddAsync("meanwhile", "{}");
        }

        await using var again = await StartAsync(receiver, database: database);
        await again.EventuallyAsync(() => receiver.Received.Count == 2, "the event of meanwhile");

        Assert.Equal(["2", "3"], receiver.Received.Select(received => received.Id));
    }

    [Fact]
    public async Task TwoReplicas_TellEachEventOnce()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Answer = (_, _) => Task.Delay(20);
        await using var one = await StartAsync(receiver, database: database);
        await using var two = await StartAsync(receiver, database: database);
        await SinkAsync(one, _ => true);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => (i % 2 == 0 ? one : two).AddAsync($"set-{i}", "{}")));

        await SinkAsync(one, sink => sink.GetProperty("behind").GetInt32() == 0 && sink.GetProperty("sequence").GetInt32() == 30);

        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"{i}"), receiver.Received.Select(received => received.Id));
    }

    /// <summary>A day passes in the test's clock; what is refused for as long is skipped, told, and visible on the way.</summary>
    [Fact]
    public async Task Poison_IsGivenUpAfterADay_AndTheOthersFollow()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Answer = (id, context) =>
        {
            context.Response.StatusCode = id == "1" ? 400 : 204;
            return context.Response.WriteAsync(id == "1" ? "canary of the receiver" : "", CancellationToken.None);
        };
        await using var service = await StartAsync(receiver, time: clock);
        await SinkAsync(service, _ => true);
        await service.AddAsync("poison", "{}");
        await service.AddAsync("after", "{}");

        var attempts = 0;
        await service.EventuallyAsync(
            async () =>
            {
                if (receiver.Received.Count(received => received.Id == "1") is var now && now > attempts)
                {
                    attempts = now;
                }

                // To the next attempt, whenever that is; a second at a time while one is under way, whose patience is of this clock, too.
                var next = (await service.Database.QueryAsync<DateTime?>("select coalesce(next_attempt_at, '-infinity') from event_cursors")).Single();
                clock.Advance(next > clock.GetUtcNow().UtcDateTime ? next.Value - clock.GetUtcNow().UtcDateTime : TimeSpan.FromSeconds(1));
                await Task.Delay(10);
                return receiver.Received.Any(received => received.Id == "2");
            },
            "the event after the poison",
            TimeSpan.FromSeconds(60));

        Assert.True(attempts >= Retry.GiveUpAttempts, $"{attempts} attempts");
        await service.EventuallyAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return receiver.Received.Any(received => received.Id == "3");
            },
            "the event of giving up");
        Assert.Equal(["gatewayops event.given_up ops/1 failed"], await service.Database.QueryAsync<string>("select actor || ' ' || action || ' ' || target || ' ' || result from audit where sequence = 3"));
        var metrics = PrometheusText.Parse(await service.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_event_deliveries_total"].Samples.ToDictionary(sample => sample.Labels["result"], sample => sample.Value);
        Assert.Equal(1, metrics["given_up"]);
        Assert.DoesNotContain("canary", service.Log + await service.Operator.GetStringAsync("/api/v1/events/sinks"));
    }

    [Fact]
    public async Task Unreachable_LosesNothing_AndIsSeenAsFailingAfterADay()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var receiver = await TestReceiver.StartAsync();
        await using var service = await TestService.StartAsync(time: clock, settings: Settings(new Uri("http://127.0.0.1:9/secret-path?token=secret-query")));
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");
        await SinkAsync(service, sink => sink.GetProperty("attempts").GetInt32() >= 1, clock);
        var sink = await SinkAsync(service, sink => sink.GetProperty("attempts").GetInt32() > 40, clock, ADayLater);
        Assert.Equal(("failing", "no answer: ConnectionError", 1), (Text(sink, "state"), Text(sink, "lastError"), sink.GetProperty("behind").GetInt32()));
        await service.EventuallyAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                var ready = await service.Anonymous.GetFromJsonAsync<JsonElement>("/readyz");
                return ready.GetProperty("status").GetString() == "Degraded" && ready.GetProperty("checks").GetProperty("events").GetProperty("description").GetString()!.Contains("ops");
            },
            "readiness that says so, with 200");
        Assert.DoesNotContain("secret-", service.Log.ToString());
        Assert.DoesNotContain("secret-", sink.GetRawText());

        // Again until it stands: an attempt that is under way writes its own number over this one.
        Task ADayLater() => service.Database.ExecuteAsync("update event_cursors set attempts = 40, next_attempt_at = null, updated_at = updated_at - interval '25 hours' where attempts < 40");
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var elsewhere = await TestReceiver.StartAsync();
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = elsewhere.Url.ToString();
            return Task.CompletedTask;
        };
        await using var service = await StartAsync(receiver);
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");

        var sink = await SinkAsync(service, sink => sink.GetProperty("attempts").GetInt32() > 0);

        Assert.Equal("answered 307: redirects are not followed", Text(sink, "lastError"));
        Assert.Empty(elsewhere.Received);
    }

    /// <summary>An endless answer costs neither memory nor time: its body is not read.</summary>
    [Fact]
    public async Task EndlessAnswer_IsTakenByItsHeaders()
    {
        await using var receiver = await TestReceiver.StartAsync();
        receiver.Answer = async (_, context) =>
        {
            context.Response.StatusCode = 200;
            var chunk = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
        };
        await using var service = await StartAsync(receiver);
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");
        await service.AddAsync("b", "{}");

        await SinkAsync(service, sink => sink.GetProperty("sequence").GetInt32() == 2);

        Assert.Equal(["1", "2"], receiver.Received.Select(received => received.Id));
    }

    [Fact]
    public async Task ReceiverOnAPrivateAddress_IsRefusedWhenItIsConnectedTo()
    {
        await using var receiver = await TestReceiver.StartAsync();
        // `localhost` is a name; only what it leads to is private.
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>
        {
            ["GatewayOps:Events:Webhooks:0:Name"] = "ops",
            ["GatewayOps:Events:Webhooks:0:Url"] = $"https://localhost:{receiver.Url.Port}/",
            ["GatewayOps:Events:Webhooks:0:Secret"] = Secret,
        });
        await SinkAsync(service, _ => true);
        await service.AddAsync("a", "{}");

        var sink = await SinkAsync(service, sink => sink.GetProperty("attempts").GetInt32() > 0);

        Assert.Contains("not of the public Internet", Text(sink, "lastError"));
        Assert.Empty(receiver.Received);
    }

    private static Task<TestService> StartAsync(TestReceiver receiver, (string Setting, string Value)? more = null, TestDatabase? database = null, TimeProvider? time = null)
    {
        var settings = Settings(receiver.Url);
        if (more is { } added)
        {
            settings["GatewayOps:Events:Webhooks:0:" + added.Setting] = added.Value;
        }

        return TestService.StartAsync(database, settings: settings, time: time);
    }

    private static Dictionary<string, string> Settings(Uri url) => new()
    {
        ["GatewayOps:Events:Source"] = "test",
        ["GatewayOps:Events:AllowPrivate"] = "127.0.0.0/8",
        ["GatewayOps:Events:Webhooks:0:Name"] = "ops",
        ["GatewayOps:Events:Webhooks:0:Url"] = url.ToString(),
        ["GatewayOps:Events:Webhooks:0:Secret"] = Secret,
    };

    /// <summary>Waits until the sink is as expected; the first look also begins it.</summary>
    private static async Task<JsonElement> SinkAsync(TestService service, Func<JsonElement, bool> holds, TestClock? clock = null, Func<Task>? before = null)
    {
        JsonElement sink = default;
        await service.EventuallyAsync(
            async () =>
            {
                await (before?.Invoke() ?? Task.CompletedTask);
                clock?.Advance(TimeSpan.FromSeconds(1));
                sink = (await service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/events/sinks")).GetProperty("sinks")[0];
                return holds(sink);
            },
            "the sink to be as expected",
            TimeSpan.FromSeconds(30));
        return sink;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
