using System.Globalization;
using System.Net.Sockets;
using System.Text;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.Rules;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Proxy.Hostile;

/// <summary>
/// What no client sends, at every address of the proxy: each is answered in the shape of its address, nothing is a fault of ours, nothing of our insides is told, no header is slipped in on
/// either side, and what passes was read as the provider will read it.
/// </summary>
public sealed class HostileInputTests(HostileStage shared) : IClassFixture<HostileStage>
{
    private static readonly string[] Members =
    [
        "model", "provider", "stream", "stream_options", "messages", "input", "prompt", "temperature", "max_tokens", "n", "stop", "tools", "system", "text", "metadata",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "-1", "1e400", "\"\"", "[]", "{}", "[[{}]]", "\"\\ud800\"", "{\"\\ud800\":1}", "\"a\\r\\nX-Inj: 1\"", "\"\\u0000\"", "\"../../x?y#z\"", "{\"include_usage\":\"\\udfff\"}",
    ];

    private static readonly (string Name, byte[] Body)[] NoRequests =
    [
        ("nothing", []), ("a blank", " "u8.ToArray()), ("null", "null"u8.ToArray()), ("a list", "[]"u8.ToArray()), ("a number", "1"u8.ToArray()), ("a text", "\"x\""u8.ToArray()),
        ("half an object", "{"u8.ToArray()), ("crossed brackets", "{]"u8.ToArray()), ("a comment", "{/**/}"u8.ToArray()), ("other quotes", "{'a':1}"u8.ToArray()), ("a comma too much", "{\"a\":1,}"u8.ToArray()),
        ("two documents", "{}{}"u8.ToArray()), ("no number", "{\"a\":NaN}"u8.ToArray()), ("a key alone", "{\"a\"}"u8.ToArray()), ("zero bytes", new byte[64]), ("no UTF-8", [.. "{\"a\":\""u8, 0xff, 0xfe, .. "\"}"u8]),
        ("UTF-16", Encoding.Unicode.GetBytes("{\"model\":\"x\"}")), ("an overlong slash", [.. "{\"a\":\""u8, 0xc0, 0xaf, .. "\"}"u8]), ("a surrogate in UTF-8", [.. "{\"a\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8]),
    ];

    public static TheoryData<string> Doors => Door.Names;

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Body_ThatIsNoRequest_IsRefused(string name)
    {
        var door = Door.Of(name);
        var faults = NoRequests
            .Append(("65 levels", Encoding.UTF8.GetBytes(door.With("x", new string('[', 64) + new string(']', 64)))))
            .Append(("a hundred thousand levels", Encoding.UTF8.GetBytes(door.With("x", new string('[', 100_000) + new string(']', 100_000)))))
            .Append(("a member twice", Encoding.UTF8.GetBytes(door.Valid[..^1] + ",\"x\":1,\"x\":2}")))
            .Append(("a member twice, once escaped", Encoding.UTF8.GetBytes(door.Valid[..^1] + ",\"x\":1,\"\\u0078\":2}")))
            .Append(("a member twice, deep", Encoding.UTF8.GetBytes(door.With("x", "[{\"y\":{\"z\":1,\"z\":1}}]"))));
        foreach (var (what, body) in faults)
        {
            var answer = await shared.SendAsync(door, what, body);

            if (door.Operation is Forwarding.Blindly)
            {
                Assert.Equal(200, answer.Status);
            }
            else
            {
                door.IsRefusal(answer, what);
            }
        }

        Assert.Equal(door.Operation is Forwarding.Blindly, shared.TakeReceived().Count > 0);
        shared.HasNoFaults();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Member_OfAnyKind_IsReadAsTheProviderWillReadIt(string name)
    {
        var door = Door.Of(name);
        foreach (var member in Members)
        {
            foreach (var value in Values)
            {
                var sent = door.With(member, value);

                var answer = await shared.SendAsync(door, sent, sent);

                if (answer.Status != 200)
                {
                    door.IsRefusal(answer, sent);
                    Assert.Empty(shared.TakeReceived());
                }
                // Another model may be another provider's, which has only chat.
                else if (shared.TakeReceived() is [var received] && door.Operation is Forwarding.AsItCame or Forwarding.Blindly && (door.Name, member) is not ("completions", "model" or "provider"))
                {
                    Assert.True(HostileStage.IsSame(Encoding.UTF8.GetBytes(sent), received), $"{door.Name}: {sent} left as {Encoding.UTF8.GetString(received)}");
                }
            }
        }

        shared.HasNoFaults();
    }

    /// <summary>LiteLLM's CVE-2024-6587 and what later gateways had like it: no field and no header chooses where a request goes, or with which key.</summary>
    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Fields_ThatNameAnotherHost_AreAnyUnknownField(string name)
    {
        var (door, sink) = (Door.Of(name), shared.SinkUrl.ToString());
        foreach (var field in new[] { "api_base", "base_url", "api_key", "custom_host", "api_version", "organization", "extra_headers", "extra_body", "proxy", "litellm_params", "cf-aig-authorization" })
        {
            var answer = await shared.SendAsync(
                door, field, door.With(field, field.StartsWith("extra", StringComparison.Ordinal) ? $$"""{"X-Inj":"1","Authorization":"{{sink}}"}""" : $"\"{sink}\""),
                ("x-portkey-custom-host", sink), ("x-base-url", sink), ("x-forwarded-host", sink), ("x-original-url", "/api/v1/tokens"), ("x-rewrite-url", "/api/v1/tokens"), ("forwarded", $"host={sink}"),
                ("cf-aig-custom-host", sink), ("x-http-method-override", "DELETE"));

            Assert.True(answer.Status == 200, $"{door.Name}, {field}: {answer.Text}");
        }

        shared.TakeReceived();
        shared.HasNoFaults();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Headers_ThatLie_ChangeNothing(string name)
    {
        var door = Door.Of(name);
        (string Name, string Value)[] lies =
        [
            ("Cookie", "session_id=%0d%0aX-Inj:%201"), ("Cookie", "session_id=%00; session_id=%ed%a0%80; =; ;;"), ("X-SESSION-ID", new string('s', 5000)), ("cf-aig-metadata", """{"team":"\ud800"}"""),
            ("cf-aig-metadata", """{"team":"x","\ud800":1}"""), ("cf-aig-metadata", """{"team":"x\r\nX-Inj: 1","team":2,"a":1e999}"""), ("cf-aig-metadata", "{"), ("cf-aig-metadata", "[[1]]"), ("cf-aig-metadata", new string('[', 2000)),
            ("traceparent", "00-zz"), ("user-agent", "\t(((("), ("Accept", "text/html;q=x"), ("Accept-Charset", "utf-7"), ("Origin", "null"), ("Idempotency-Key", "'; drop table request_records; --"),
            ("Range", "bytes=0-1"), ("If-Match", "\"x\""), ("Expect", "200-maybe"), ("x-request-id", "forged"), ("cf-aig-gateway-id", "../../x"), ("cf-aig-cache-key", "a"), ("cf-aig-byok-alias", "root"),
        ];
        foreach (var (header, value) in lies)
        {
            var answer = await shared.SendAsync(door, $"{header}: {value}", door.Valid, (header, value));

            Assert.True(answer.Status == 200 || (header == "cf-aig-gateway-id" && answer.Status == 404) || (header == "Expect" && answer.Status == 417), $"{door.Name}, {header}: {answer.Status} {answer.Text}");
            Assert.NotEqual("forged", answer["x-request-id"]);
        }

        foreach (var type in new[] { "text/plain", "application/json; charset=utf-16", "application/json;;;=", "multipart/form-data", "application/x-www-form-urlencoded", "nonsense", "" })
        {
            var answer = await shared.SendAsync(door, $"Content-Type: {type}", Encoding.UTF8.GetBytes(door.Valid), type);
            if (answer.Status != 200)
            {
                door.IsRefusal(answer, type);
            }
        }

        shared.TakeReceived();
        shared.HasNoFaults();
    }

    [Theory]
    [InlineData("/v1/models?")]
    [InlineData("/v1/model-options?")]
    [InlineData("/v1/route-check?path=%2Fchat%2Fcompletions&model=")]
    [InlineData("/v1/route-check?path=")]
    [InlineData("/v1/route-check?provider=")]
    [InlineData("/v1/")]
    [InlineData("/v1/test-account/openai-compat/")]
    [InlineData("/v1/test-account/openai-compat/openai/")]
    [InlineData("/v1/test-account/")]
    [InlineData("/client/v4/accounts/test-account/ai/run/")]
    public async Task Addresses_OfAnyText_AreAnswered(string start)
    {
        foreach (var text in new[] { "%0d%0aX-Inj:1", "%00", "%ed%a0%80", "%", "%zz", "..%2f..%2fapi", "%5c..%5c", "a%2500", "\u00e9", new string('a', 6000), "a&model=b&model=c", "'%20or%201=1--", "{{7*7}}", "@cf%2f..%2f..", "*", "%2e%2e/%2e%2e/x", "&auth_token=x&auth_token=y" })
        {
            var answer = await RawAsync($"GET {start}{text.Replace("\u00e9", "\u00c3\u00a9", StringComparison.Ordinal)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestService.ProxyToken}\r\nConnection: close\r\n\r\n");

            var status = int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
            Assert.True(status < 500, $"{start}{text}: {answer}");
            Assert.DoesNotContain("\r\nX-Inj", answer, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(TestService.ProxyToken, answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer, StringComparison.Ordinal);
        }

        shared.TakeReceived();
        shared.HasNoFaults();
    }

    /// <summary>Framing that two servers in a row could read differently, and hosts that are none. One answer, and the connection ends: what follows is never a second request.</summary>
    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", 400, 415)]
    [InlineData("Content-Length: 2\r\nContent-Length: 3", "{}", 400, 400)]
    [InlineData("Content-Length: 2\r\nContent-Length: 2", "{}", 400, 400)]
    [InlineData("Content-Length: +2", "{}", 400, 400)]
    [InlineData("Content-Length: -2", "{}", 400, 400)]
    [InlineData("Content-Length: 0x2", "{}", 400, 400)]
    [InlineData("Content-Length: 2 2", "{}", 400, 400)]
    [InlineData("Content-Length: 99999999999999999999", "{}", 400, 413)]
    [InlineData("Transfer-Encoding: xchunked", "0\r\n\r\n", 400, 400)]
    [InlineData("Transfer-Encoding: chunked, identity", "0\r\n\r\n", 400, 400)]
    [InlineData("Transfer-Encoding : chunked", "0\r\n\r\n", 400, 400)]
    [InlineData("Transfer-Encoding: chunked", "ZZ\r\n{}\r\n0\r\n\r\n", 400, 400)]
    [InlineData("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", 400, 400)]
    [InlineData("Transfer-Encoding: chunked", "2;\nx=y\r\n{}\r\n0\r\n\r\n", 400, 400)]
    [InlineData("X: a\r\n b", "", 400, 400)]
    [InlineData("X-\0: a", "", 400, 400)]
    [InlineData("X: a\0b", "", 400, 400)]
    [InlineData("Host: second", "", 400, 400)]
    public async Task Framing_OfTwoMeanings_IsRefusedOnce(string headers, string body, int least, int most)
    {
        foreach (var path in Door.All.Select(door => door.Path).Where((_, index) => index % 4 == 0).Append("/v1/nothing"))
        {
            var answer = await RawAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {TestService.ProxyToken}\r\n{headers}\r\n\r\n{body}");

            var status = int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
            Assert.True(status >= least && status <= Math.Max(most, path == "/v1/nothing" ? 404 : 0), $"{path}: {answer}");
            Assert.True(answer.IndexOf("HTTP/1.1 ", 9, StringComparison.Ordinal) < 0, $"{path} was answered twice: {answer}");
        }

        Assert.DoesNotContain(shared.TakeReceived(), received => Encoding.UTF8.GetString(received).Contains("smuggled", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("Host: a/b", 400)]
    [InlineData("Host: a b", 400)]
    [InlineData("Host: a@b", 400)]
    [InlineData("Host: evil.example", 200)]
    [InlineData("Host: [::1]:99999", 200)]
    [InlineData("Host: localhost:0", 200)]
    public async Task Host_OfAnyText_DecidesNothing(string host, int status)
    {
        var answer = await RawAsync($"GET /v1/models HTTP/1.1\r\n{(host.Length > 0 ? host + "\r\n" : "")}Authorization: Bearer {TestService.ProxyToken}\r\nConnection: close\r\n\r\n");

        Assert.True(answer.StartsWith($"HTTP/1.1 {status}", StringComparison.Ordinal), answer);
        Assert.DoesNotContain("evil.example", answer, StringComparison.Ordinal);
    }

    /// <summary>Names of rule sets and keys are checked when they come in. A row that somebody wrote by hand is no way around that.</summary>
    [Fact]
    public async Task Rows_WithLineEnds_SlipNothingIn()
    {
        const string hostile = "a\r\nX-Inj: 1\u00e9";
        var received = "";
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            received = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            await context.Response.BodyWriter.WriteAsync("""{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"""u8.ToArray());
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        var (_, token) = await service.IssueKeyAsync("plain", new { requestsPerMinute = 2 });
        await service.Database.ExecuteAsync("update virtual_keys set name = E'a\\r\\nX-Inj: 1', tenant = E'a\\r\\nX-Inj: 1'");
        var reading = RuleSetReader.Read("""{ "rules": [ { "name": "r", "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 600 }, "rate_limit": { "limit": 5, "interval": 60 } } ] }"""u8.ToArray());
        service.Services.GetRequiredService<LoadedRuleSets>().Replace([RuleSetCompiler.Compile("openai-compat", [new Revision(new RevisionId(hostile, 1), "hash", reading.RuleSet!)]).RuleSet!]);
        var caller = service.NewClient(token);
        await service.EventuallyAsync(async () => HostileStage.Held(await Answer.PostAsync(caller, """{"model":"gpt-4o","input":"x"}""", "/v1/tokenize"), "tokenize")["x-gatewayops-revision"] is not null, "the row");

        for (var i = 0; i < 3; i++)
        {
            var answer = HostileStage.Held(await Answer.PostAsync(caller, ProxyStage.Chat($"{i}")), "chat");
            Assert.Equal(i < 2 ? 200 : 429, answer.Status);
        }

        Assert.DoesNotContain("X-Inj: 1\n", received + "\n", StringComparison.Ordinal);
        Assert.DoesNotContain("\nX-Inj", received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(service.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "providers": [ { "name": "openai", "priority": 1, "model": "m\r\nX-Inj: 1" } ] }""")]
    [InlineData("""{ "providers": [ { "name": "custom-a\r\nX-Inj: 1", "priority": 1 } ] }""")]
    [InlineData("""{ "name": "a\r\nX-Inj: 1", "rules": [ { "pattern": "/a" } ] }""")]
    [InlineData("""{ "rules": [ { "name": "a\r\nX-Inj: 1", "pattern": "/a" } ] }""")]
    [InlineData("""{ "rules": [ { "pattern": "/a\r\nX-Inj: 1" } ] }""")]
    [InlineData("""{ "custom_providers": [ { "slug": "a/../../b", "name": "b", "base_url": "https://b.example" } ] }""")]
    public async Task RuleSets_WithLineEnds_AreRefused(string document)
    {
        using var content = new StringContent(document, Encoding.UTF8, "application/json");
        using var response = await shared.Service.Operator.PostAsync("/api/v1/content?name=hostile", content);

        Assert.Equal(422, (int)response.StatusCode);
    }

    /// <summary>A million members, at the top and of a cached request: read, compared and keyed in bounded time.</summary>
    [Theory]
    [InlineData("chat")]
    [InlineData("ai/run")]
    [InlineData("tokenize")]
    public async Task AMillionMembers_AreAnsweredInTime(string name)
    {
        var door = Door.Of(name);
        var body = new StringBuilder(door.Valid, 16 << 20).Remove(door.Valid.Length - 1, 1);
        for (var i = 0; i < 1_000_000; i++)
        {
            body.Append(",\"k").Append(i).Append("\":0");
        }

        body.Append('}');
        var started = TimeProvider.System.GetTimestamp();
        var answer = await shared.SendAsync(door, "a million members", body.ToString());
        var took = TimeProvider.System.GetElapsedTime(started);

        Assert.Equal(name == "tokenize" ? 413 : 200, answer.Status);
        Assert.True(took < TimeSpan.FromSeconds(10), $"{took}");
        shared.HasNoFaults();
    }

    /// <summary>Two hundred callers that never finish their requests, half of them in the headers and half in the body, and one that does.</summary>
    [Fact]
    public async Task SlowCallers_DoNotSlowAHealthyOne()
    {
        var before = await MedianAsync();
        var slow = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                slow.Add(socket);
                await socket.ConnectAsync("127.0.0.1", shared.Service.BaseUrl.Port);
                var path = Door.All[i % Door.All.Count].Path;
                await socket.SendAsync(Encoding.ASCII.GetBytes(i % 2 == 0
                    ? $"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-A"
                    : $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {TestService.ProxyToken}\r\nContent-Length: 1000\r\n\r\n{{\"m"));
            }

            var beside = await MedianAsync();

            Assert.True(beside < (5 * before) + TimeSpan.FromMilliseconds(50), $"{beside} beside slow callers, {before} without");
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }

        async Task<TimeSpan> MedianAsync()
        {
            var times = new List<TimeSpan>();
            for (var i = 0; i < 21; i++)
            {
                var started = TimeProvider.System.GetTimestamp();
                Assert.Equal(200, (await shared.SendAsync(Door.All[0], "healthy", Door.All[0].Valid)).Status);
                times.Add(TimeProvider.System.GetElapsedTime(started));
            }

            return times.Order().ElementAt(times.Count / 2);
        }
    }

    private async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", shared.Service.BaseUrl.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        // Half a second of silence behind an answer: no second one comes.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var read)
            {
                answer.Write(buffer, 0, read);
                patience.CancelAfter(TimeSpan.FromMilliseconds(500));
            }
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && answer.Length > 0))
        {
            // Reset behind the answer, which has been read; or nothing follows.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
