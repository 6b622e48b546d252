using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Ingestion.Otlp;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GatewayOps.Tests.Ingestion;

/// <summary>What gateways push: the emulator's own export, and senders of every other kind.</summary>
public sealed class OtlpTests(OtlpTests.Stage stage) : IClassFixture<OtlpTests.Stage>
{
    private const string Token = "otlp-token-of-the-tests";
    private const string Trace = "0123456789abcdef0123456789abcdef";

    private readonly string _gateway = $"g{Guid.NewGuid():N}";

    [Theory]
    [InlineData("json")]
    [InlineData("protobuf")]
    public async Task Export_OfAGateway_BecomesItsRows(string contentType)
    {
        var url = new Uri(stage.Service.BaseUrl, $"/otlp/{_gateway}/v1/traces");
        await stage.Emulator.CreateGatewayAsync(_gateway, new Dictionary<string, object?>
        {
            ["otel"] = new[] { new { url, headers = new Dictionary<string, string> { ["authorization"] = $"Bearer {Token}" }, content_type = contentType } },
        });
        var gateway = stage.Emulator.Account.FindGateway(_gateway)!;
        foreach (var metadata in new[] { """{"request_id":"r1/2","team":"a"}""", null })
        {
            gateway.AddLog(new LogRow
            {
                Id = gateway.Logs.NewId(),
                Provider = "openai",
                Model = "gpt-4o-mini",
                Path = "chat/completions",
                StatusCode = 500,
                Duration = 12,
                TokensIn = 3,
                TokensOut = 5,
                Cost = 0.25m,
                Metadata = metadata,
                RequestBody = """{"messages":[{"role":"user","content":"my secret"}]}"""u8.ToArray(),
            });
        }

        using var flushed = await stage.Emulator.Admin.PostAsync("exports/flush", null);
        flushed.EnsureSuccessStatusCode();

        var rows = (await stage.Service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/logs?gateway={_gateway}")).GetProperty("logs").EnumerateArray().OrderBy(row => row.GetProperty("provisional").GetBoolean()).ToList();
        Assert.Equal(["r1", null], rows.Select(row => row.GetProperty("requestId").GetString()));
        Assert.Equal([false, true], rows.Select(row => row.GetProperty("provisional").GetBoolean()));
        Assert.Equal(2, rows[0].GetProperty("attempt").GetInt32());
        Assert.All(rows, row => Assert.Equal(
            ("otlp", "openai", "gpt-4o-mini", false, 3, 5, 0.25m, 12.0),
            (row.GetProperty("source").GetString(), row.GetProperty("provider").GetString(), row.GetProperty("model").GetString(), row.GetProperty("success").GetBoolean(),
                row.GetProperty("tokensIn").GetInt32(), row.GetProperty("tokensOut").GetInt32(), row.GetProperty("costUsd").GetDecimal(), row.GetProperty("durationMs").GetDouble())));
        // Bodies are not asked for.
        Assert.Equal([0L], await stage.Service.Database.QueryAsync<long>("select count(*) from gateway_log_bodies where gateway = $1", _gateway));
        var feed = Assert.Single((await stage.Service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/logs/sources?gateway={_gateway}")).GetProperty("feeds").EnumerateArray());
        Assert.Equal("otlp", feed.GetProperty("source").GetString());
    }

    [Fact]
    public async Task Push_SpansThatAreNone_AreRejectedAndTheRestIsStored()
    {
        var body = Request(Span(), """{"traceId":"short","spanId":"0123456789abcdef","startTimeUnixNano":"1","name":"cf.aig.request"}""", """{"traceId":"0123456789abcdef0123456789abcdef","spanId":"1111111111111111","startTimeUnixNano":"1700000000000000000","name":"other"}""");

        var (status, answer, _) = await PushAsync(body);

        Assert.Equal((200, "2"), (status, JsonDocument.Parse(answer).RootElement.GetProperty("partialSuccess").GetProperty("rejectedSpans").GetString()));
        Assert.Equal(1, await CountAsync());
    }

    /// <summary>Callers choose models and metadata: half of a surrogate pair hides no span beside it.</summary>
    [Fact]
    public async Task Push_HalfOfASurrogatePair_IsAReplacementCharacter()
    {
        Assert.Equal(200, (await PushAsync(Request(Span(), Span("""
            ,"attributes":[{"key":"\ud83d","value":{"stringValue":"x"}},{"key":"gen_ai.request.model","value":{"stringValue":"m\ud83d"}}]
            """).Replace(Trace, new string('a', 32), StringComparison.Ordinal)))).Status);

        Assert.Equal(["", "m\uFFFD"], await stage.Service.Database.QueryAsync<string>("select model from gateway_logs where gateway = $1 order by 1", _gateway));
    }

    [Fact]
    public async Task Push_TheSameAgain_IsStoredOnceAndTakenEachTime()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((200, "{}"), (await PushAsync(Request(Span()))) is var (status, answer, _) ? (status, answer) : default);
        }

        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Push_Gzip_IsRead()
    {
        using var zipped = new MemoryStream();
        await using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync(Encoding.UTF8.GetBytes(Request(Span())));
        }

        Assert.Equal(200, (await PushAsync(zipped.ToArray(), encoding: "gzip")).Status);
        Assert.Equal(1, await CountAsync());
    }

    [Theory]
    [InlineData(null, "application/json", null, "{}", 401)]
    [InlineData("Bearer wrong-token-of-the-tests", "application/json", null, "{}", 401)]
    [InlineData("Bearer " + TestService.OperatorToken, "application/json", null, "{}", 401)]
    [InlineData("Basic " + Token, "application/json", null, "{}", 401)]
    [InlineData("Bearer " + Token, "text/plain", null, "{}", 415)]
    [InlineData("Bearer " + Token, "application/json", "br", "{}", 415)]
    [InlineData("Bearer " + Token, "application/json", "gzip", "{}", 400)]
    [InlineData("Bearer " + Token, "application/json", null, "{", 400)]
    [InlineData("Bearer " + Token, "application/json", null, "[]", 400)]
    [InlineData("Bearer " + Token, "application/json", null, """{"resourceSpans":7}""", 400)]
    [InlineData("Bearer " + Token, "application/json", null, """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":1}]}]}]}""", 400)]
    [InlineData("Bearer " + Token, "application/json", null, """{"resourceSpans":null,"more":[]}""", 200)]
    [InlineData("Bearer " + Token, "application/x-protobuf", null, "\u000a\u007fx", 400)]
    [InlineData("Bearer " + Token, "application/x-protobuf", null, "", 200)]
    public async Task Push_WhatCannotBeTaken_IsSaidInItsOwnEncoding(string? authorization, string type, string? encoding, string body, int expected)
    {
        var (status, answer, headers) = await PushAsync(Encoding.Latin1.GetBytes(body), type, encoding, authorization);

        Assert.Equal(expected, status);
        Assert.Equal(type == "application/x-protobuf" ? type : "application/json", headers.ContentType?.MediaType);
        Assert.DoesNotContain(Token, answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, stage.Service.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_LongerThanItsBound_Is413ZippedOrNot()
    {
        using var zipped = new MemoryStream();
        await using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync(new byte[OtlpEndpoint.MostBytes + 1]);
        }

        Assert.Equal(413, (await PushAsync(new byte[OtlpEndpoint.MostBytes + 1])).Status);
        Assert.Equal(413, (await PushAsync(zipped.ToArray(), encoding: "gzip")).Status);
    }

    /// <summary>Nothing is acknowledged that is not stored, and the sender is told when to come again.</summary>
    [Fact]
    public async Task Push_DatabaseIsAway_Is503WithRetryAfter_AndStoredWhenItIsBack()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Ingestion:OtlpToken"] = Token });
        var name = (await service.Database.QueryAsync<string>("select current_database()::text")).Single();
        await using var elsewhere = await TestDatabase.CreateEmptyAsync();
        await elsewhere.ExecuteAsync($"alter database {name} allow_connections false");
        await elsewhere.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name);

        using (var refused = await SendAsync(service, Request(Span())))
        {
            Assert.Equal((503, "5", 14), ((int)refused.StatusCode, refused.Headers.RetryAfter?.ToString(), (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetInt32()));
        }

        await elsewhere.ExecuteAsync($"alter database {name} allow_connections true");
        await service.EventuallyAsync(
            async () =>
            {
                using var taken = await SendAsync(service, Request(Span()));
                return taken.IsSuccessStatusCode;
            },
            "the export to be taken");
        service.Database.DataSource.Clear(); // of connections that were ended
        Assert.Equal([1L], await service.Database.QueryAsync<long>("select count(*) from gateway_logs where gateway = $1", _gateway));
    }

    /// <summary>As many exports as are read at once have a place; one more is told to come again, and those that were begun are stored.</summary>
    [Fact]
    public async Task Push_MoreAtOnceThanFit_Is429WithRetryAfter_AndTheOthersAreStored()
    {
        var bodies = Enumerable.Range(0, OtlpEndpoint.MostAtOnce).Select(_ => new Pipe()).ToList();
        var pushes = bodies.ConvertAll(body => SendAsync(stage.Service, new StreamContent(body.Reader.AsStream()) { Headers = { ContentType = new("application/json") } }));
        // More than the client keeps back.
        await Task.WhenAll(bodies.Select(body => body.Writer.WriteAsync(Encoding.UTF8.GetBytes(new string(' ', 16 * 1024))).AsTask()));
        var endpoint = stage.Service.Services.GetRequiredService<OtlpEndpoint>();
        await stage.Service.EventuallyAsync(() => endpoint.Free == 0, "the places to be taken");

        using var more = await SendAsync(stage.Service, "{}");

        Assert.Equal((429, "1"), ((int)more.StatusCode, more.Headers.RetryAfter?.ToString()));
        for (var i = 0; i < bodies.Count; i++)
        {
            await bodies[i].Writer.WriteAsync(Encoding.UTF8.GetBytes(Request(Span().Replace(Trace, $"{i + 1:x32}", StringComparison.Ordinal))));
            await bodies[i].Writer.CompleteAsync();
        }

        Assert.All(await Task.WhenAll(pushes), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(OtlpEndpoint.MostAtOnce, await CountAsync());
    }

    /// <summary>Exports that are read and wait for the database keep nobody from being read.</summary>
    [Fact]
    public async Task Push_MoreThanAreReadAtOnce_WaitForTheStoreTogether()
    {
        await using var holder = await stage.Service.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await HoldKeysAsync(holder);

        var pushes = Enumerable.Range(1, 2 * OtlpEndpoint.MostAtOnce).Select(PushAsync).ToList();

        var intake = stage.Service.Services.GetRequiredService<OtlpIntake>();
        await stage.Service.EventuallyAsync(() => intake.Pending == pushes.Count * OtlpIntake.LeastCounted, "all of them to wait");
        Assert.DoesNotContain(pushes, push => push.IsCompleted);
        await transaction.RollbackAsync();
        await Task.WhenAll(pushes);
        Assert.Equal(pushes.Count, await CountAsync());

        // Again while no place is free: as many at once as here are read one after the other.
        async Task PushAsync(int number)
        {
            while (true)
            {
                using var answer = await SendAsync(stage.Service, Request(Span().Replace(Trace, $"{number:x32}", StringComparison.Ordinal)));
                if (answer.StatusCode != HttpStatusCode.TooManyRequests)
                {
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    return;
                }

                await Task.Delay(10);
            }
        }
    }

    /// <summary>What PostgreSQL does not take cannot be stored by another try: its sender is told so, and the exports that waited with it are stored.</summary>
    [Fact]
    public async Task Push_OneExportCannotBeStored_Is500ForItAlone()
    {
        await stage.Service.Database.ExecuteAsync($"alter table gateway_logs add constraint {_gateway} check (model <> 'impossible')");
        await using var holder = await stage.Service.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await HoldKeysAsync(holder);

        const string impossible = ",\"attributes\":[{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"impossible\"}}]";
        var pushes = Enumerable.Range(0, 6).Select(i => SendAsync(stage.Service, Request(Span(i == 3 ? impossible : "").Replace(Trace, $"{i + 1:x32}", StringComparison.Ordinal)))).ToList();
        // One writer may have taken all of them, or two their share.
        await stage.Service.EventuallyAsync(
            async () => (await stage.Service.Database.QueryAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"))[0] >= 1, "a writer to wait");
        await transaction.RollbackAsync();
        var answers = await Task.WhenAll(pushes);

        Assert.Equal([200, 200, 200, 500, 200, 200], answers.Select(answer => (int)answer.StatusCode));
        Assert.Equal(5, await CountAsync());
        await stage.Service.Database.ExecuteAsync($"alter table gateway_logs drop constraint {_gateway}");
    }

    /// <summary>Exports that wait are bounded by their bytes, and the smallest ones by what a request holds that waits.</summary>
    [Theory]
    [InlineData((OtlpIntake.MostPending / 2) + 1, 1)]
    [InlineData(1, OtlpIntake.MostPending / OtlpIntake.LeastCounted)]
    public async Task Intake_MoreBytesThanMayWait_AreNotTaken(int bytes, int taken)
    {
        using var intake = new OtlpIntake(null!, null!, TimeProvider.System); // nothing is written: it is not started
        List<Attempt> rows = [new Attempt { Gateway = _gateway, Source = LogSources.Otlp, Id = "a", CreatedAt = TimeProvider.System.GetUtcNow() }];

        var waiting = Enumerable.Range(0, taken).Select(_ => intake.TryStoreAsync(_gateway, rows, bytes, CancellationToken.None)).ToList();

        Assert.False(await intake.TryStoreAsync(_gateway, rows, bytes, CancellationToken.None));
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        await intake.StopAsync(CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Fact]
    public async Task Push_AddressWithoutAGateway_Is404()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/otlp/No..Gateway/v1/traces") { Content = new StringContent("{}", Encoding.UTF8, "application/json"), Headers = { { "Authorization", $"Bearer {Token}" } } };
        using var answer = await stage.Service.Anonymous.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void Protobuf_AnyBytes_AreReadOrRefused()
    {
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            var body = new byte[random.Next(1, 60)];
            random.NextBytes(body);
            body[0] = 0x0a;
            try
            {
                OtlpProtobuf.Read(body, bodies: true, span => span.ToAttempt("g", null));
            }
            catch (FormatException)
            {
            }
        }
    }

    /// <summary>Members stand in any order, names may be escaped, and what is not known is passed over, however deep.</summary>
    [Theory]
    [InlineData("""{"key":"request_id","value":{"stringValue":"r1"}}""")]
    [InlineData("""{"value":{"stringValue":"r1"},"key":"request_id"}""")]
    [InlineData("""{"more":[{"key":"x"}],"value":{"more":{"stringValue":"x"},"stringValue":"r1","also":[[]]},"key":"\u0072equest\u005fid"}""")]
    [InlineData("""{"key":"gen_ai.request.model","value":{"intValue":{}}},{"key":7,"value":{"stringValue":"x"}},{"key":"request_id","value":[]},{"value":{}},{},{"key":"request_id","value":{"stringValue":"r1"}}""")]
    public void Json_OfAnyOrder_IsRead(string attributes)
    {
        var json = $$"""{"more":{"spans":[7]},"resourceSpans":[{"scopeSpans":null},{"scopeSpans":[{"spans":[{"status":{"message":"m","code":2},"attributes":[{{attributes}}],"name":"cf.aig.request","links":[{}],"traceId":"{{Trace}}"}]}]}]}""";
        var spans = new List<SpanFacts>();

        OtlpJson.Read(Encoding.UTF8.GetBytes(json), bodies: false, spans.Add);

        var span = Assert.Single(spans);
        Assert.Equal(("r1", null, Trace, 2, "cf.aig.request"), (span.RequestId, span.Model, span.TraceId, span.Status, span.Name));
    }

    [Fact]
    public void Json_CutAnywhere_OrLongerThanItself_IsRefused()
    {
        var json = Request(Span(""","attributes":[{"key":"request_id","value":{"stringValue":"r1"}}]"""), Span());
        for (var length = 0; length < json.Length; length++)
        {
            Assert.Throws<FormatException>(() => OtlpJson.Read(Encoding.UTF8.GetBytes(json[..length]), bodies: true, span => span.ToAttempt("g", null)));
        }

        Assert.Throws<FormatException>(() => OtlpJson.Read(Encoding.UTF8.GetBytes(json + "{}"), bodies: true, _ => { }));
    }

    private static string Span(string more = "") =>
        $$$"""{"traceId":"{{{Trace}}}","spanId":"0123456789ABCDEF","name":"cf.aig.request","startTimeUnixNano":"{{{(ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000}}}"{{{more}}}}""";

    private static string Request(params string[] spans) => $$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{string.Join(',', spans)}}]}]}]}""";

    private Task<(int Status, string Answer, HttpContentHeaders Headers)> PushAsync(string body) => PushAsync(Encoding.UTF8.GetBytes(body));

    private async Task<(int Status, string Answer, HttpContentHeaders Headers)> PushAsync(byte[] body, string type = "application/json", string? encoding = null, string? authorization = $"Bearer {Token}")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/otlp/{_gateway}/v1/traces") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
#pragma warning disable RS0030 // what is no credential is sent here, too
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
#pragma warning restore RS0030
        using var answer = await stage.Service.Anonymous.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers);
    }

    private Task<HttpResponseMessage> SendAsync(TestService service, string body) => SendAsync(service, new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<HttpResponseMessage> SendAsync(TestService service, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/otlp/{_gateway}/v1/traces") { Content = body, Headers = { { "Authorization", $"Bearer {Token}" } } };
        return await service.Anonymous.SendAsync(request);
    }

    // No row is stored until the transaction ends.
    private static async Task<NpgsqlTransaction> HoldKeysAsync(NpgsqlConnection holder)
    {
        var transaction = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("lock table gateway_log_keys in share mode", holder, transaction);
        await hold.ExecuteNonQueryAsync();
        return transaction;
    }

    private async Task<long> CountAsync() => Assert.Single(await stage.Service.Database.QueryAsync<long>("select count(*) from gateway_logs where gateway = $1", _gateway));

    public sealed class Stage : IAsyncLifetime
    {
        public TestEmulator Emulator { get; private set; } = null!;

        public TestService Service { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Emulator = await TestEmulator.StartAsync();
            Service = await TestService.StartAsync(emulator: Emulator, settings: new Dictionary<string, string> { ["GatewayOps:Ingestion:OtlpToken"] = Token });
        }

        public async Task DisposeAsync()
        {
            await Service.DisposeAsync();
            await Emulator.DisposeAsync();
        }
    }
}
