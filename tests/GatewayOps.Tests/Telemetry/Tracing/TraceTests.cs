using System.Collections.Concurrent;
using System.Diagnostics;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace GatewayOps.Tests.Telemetry.Tracing;

/// <summary>Spans from the caller over the proxy to the upstream, read back by a collector of our own. One class: sources of one name are heard by every service of the process that traces.</summary>
public sealed class TraceTests
{
    private const string CallersTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";
    private const string Prompt = "canary-prompt";

    [Fact]
    public async Task Request_OfATracedCaller_IsOneTraceFromCallerToUpstream()
    {
        await using var stage = await Stage.StartAsync();
        using var answer = await stage.ChatAsync(("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"), ("tracestate", "vendor=1"));
        var spans = await stage.SpansAsync(3);

        var request = Assert.Single(spans, span => span.IsServer);
        Assert.Equal((CallersTrace, CallersSpan, "POST /v1/chat/completions"), (request.TraceId, request.ParentId, request.Name));
        Assert.Equal(("200", "ok", "1", "POST"), (request.Tags["http.response.status_code"], request.Tags["gatewayops.outcome"], request.Tags["gatewayops.attempts"], request.Tags["http.request.method"]));
        Assert.Equal(answer.Headers.GetValues("x-request-id").Single(), request.Tags["gatewayops.request_id"]);
        Assert.Equal("gatewayops", request.Resource["service.name"]);

        var route = Assert.Single(spans, span => span.Name == "route");
        Assert.Equal((request.Id, "openai", "gpt-4o-mini"), (route.ParentId, route.Tags["gatewayops.upstreams"], route.Tags["gen_ai.request.model"]));

        var attempt = Assert.Single(spans, span => span.IsClient);
        Assert.Equal((CallersTrace, request.Id, "chat gpt-4o-mini"), (attempt.TraceId, attempt.ParentId, attempt.Name));
        Assert.Equal(("chat", "openai", "gpt-4o-mini", "200"), (attempt.Tags["gen_ai.operation.name"], attempt.Tags["gen_ai.provider.name"], attempt.Tags["gen_ai.request.model"], attempt.Tags["http.response.status_code"]));
        Assert.Equal(("3", "10", "127.0.0.1"), (attempt.Tags["gen_ai.usage.input_tokens"], attempt.Tags["gen_ai.usage.output_tokens"], attempt.Tags["server.address"]));
        Assert.True(attempt.End <= request.End && attempt.Start >= request.Start);

        // What the upstream was told, for its own spans to hang below ours.
        var told = stage.Told.Single();
        Assert.Equal(($"00-{CallersTrace}-{attempt.Id}-01", "vendor=1", CallersTrace, attempt.Id), (told["traceparent"], told["tracestate"], told["cf-aig-otel-trace-id"], told["cf-aig-otel-parent-span-id"]));
        Assert.DoesNotContain(spans.SelectMany(span => span.Tags.Values.Append(span.Name)), text => text.Contains(Prompt, StringComparison.Ordinal) || text.Contains(TestService.ProxyToken, StringComparison.Ordinal) || text.Contains("the-session", StringComparison.Ordinal));
    }

    /// <summary>Every attempt is a span: those that failed say so, and the last one has the usage.</summary>
    [Fact]
    public async Task Attempts_ThatFail_AreSpansWithTheirError()
    {
        await using var stage = await Stage.StartAsync(
            rules: """{ "rules": [ { "pattern": "/chat/completions" } ], "fallback": { "enabled": true, "retry_count": 2 } }""", failFirst: 1);
        using var answer = await stage.ChatAsync();
        Assert.Equal(200, (int)answer.StatusCode);
        var attempts = (await stage.SpansAsync(4)).Where(span => span.IsClient).OrderBy(span => span.Start).ToList();

        Assert.Equal([("503", 2), ("200", 0)], attempts.Select(attempt => (attempt.Tags["http.response.status_code"], attempt.Status)));
        Assert.Equal("503", attempts[0].Tags["error.type"]);
        Assert.Equal([false, true], attempts.Select(attempt => attempt.Tags.ContainsKey("gen_ai.usage.output_tokens")));
        Assert.Equal(2, stage.Told.Select(told => told["cf-aig-otel-parent-span-id"]).Distinct().Count());
    }

    /// <summary>`link`: the trace is ours, and points at the caller's. `ignore`: not even that. A caller who was not let in makes no span, whatever the setting.</summary>
    [Theory]
    [InlineData("link", true)]
    [InlineData("ignore", false)]
    public async Task TraceOfTheCaller_NotContinued_ChoosesNothing(string setting, bool linked)
    {
        await using var stage = await Stage.StartAsync(new() { ["GatewayOps:Telemetry:Otlp:CallerTraces"] = setting });
        using var refused = await stage.Service.Anonymous.PostAsync("/v1/chat/completions", new StringContent("{}"));
        Assert.Equal(401, (int)refused.StatusCode);
        using var answer = await stage.ChatAsync(("traceparent", $"00-{CallersTrace}-{CallersSpan}-00"));
        var spans = await stage.SpansAsync(3);

        Assert.Equal(3, spans.Count);
        var request = Assert.Single(spans, span => span.IsServer);
        Assert.NotEqual(CallersTrace, request.TraceId);
        Assert.Equal("", request.ParentId);
        Assert.Equal(linked ? [CallersTrace] : [], request.Links);
        Assert.Equal(request.TraceId, stage.Told.Single()["cf-aig-otel-trace-id"]);
    }

    [Theory]
    [InlineData("00-zz")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more")]
    public async Task TraceOfTheCaller_Malformed_BeginsAnother(string traceparent)
    {
        await using var stage = await Stage.StartAsync();
        using var answer = await stage.ChatAsync(("traceparent", traceparent));
        Assert.Equal("", Assert.Single(await stage.SpansAsync(3), span => span.IsServer).ParentId);
        Assert.DoesNotContain(traceparent, stage.Told.Single()["traceparent"], StringComparison.Ordinal);
    }

    /// <summary>What is not sampled is not sent, and the upstream is told that it is not; a sampled caller's trace is.</summary>
    [Fact]
    public async Task SampleRatio_Zero_LeavesOnlyWhatCallersSampled()
    {
        await using var stage = await Stage.StartAsync(new() { ["GatewayOps:Telemetry:Otlp:SampleRatio"] = "0" });
        using var unsampled = await stage.ChatAsync();
        using var sampled = await stage.ChatAsync(("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"));
        var spans = await stage.SpansAsync(3);

        Assert.All(spans, span => Assert.Equal(CallersTrace, span.TraceId));
        Assert.EndsWith("-00", stage.Told.First()["traceparent"], StringComparison.Ordinal);
    }

    /// <summary>An exemplar leads from a bucket to a trace that is recorded; it is there in OpenMetrics alone.</summary>
    [Fact]
    public async Task Exemplars_LeadToTheTrace()
    {
        await using var stage = await Stage.StartAsync();
        using var answer = await stage.ChatAsync(("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"));
        await stage.SpansAsync(3);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept", "application/openmetrics-text");
        using var scrape = await stage.Service.Anonymous.SendAsync(request);
        var open = PrometheusText.Parse(await scrape.Content.ReadAsStringAsync(), openMetrics: true);

        var bucket = Assert.Single(open["gatewayops_proxy_duration_seconds"].Samples, sample => sample.Exemplar is not null);
        Assert.Equal(CallersTrace, bucket.Exemplar!.Labels["trace_id"]);
        Assert.True(bucket.Exemplar.Value <= double.Parse(bucket.Labels["le"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(open["gatewayops_proxy_requests"].Samples, sample => sample.Exemplar?.Labels["trace_id"] == CallersTrace);
        Assert.DoesNotContain(" # {", await stage.Service.Anonymous.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OperatorCalls_AreTraced_OnceTheyAreLetIn()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Service.Anonymous.GetAsync("/api/v1/content");
        await stage.Service.Anonymous.GetAsync("/healthz");
        await stage.Service.Operator.GetAsync("/api/v1/content");
        Assert.Equal("GET /api/v1/content/", Assert.Single(await stage.SpansAsync(1)).Name);
    }

    [Fact]
    public async Task Metrics_AreSentToo_WithTheHeadersOfTheSetting()
    {
        await using var stage = await Stage.StartAsync(new() { ["GatewayOps:Telemetry:Otlp:Headers"] = "x-tenant=ops" });
        using var answer = await stage.ChatAsync();
        stage.Service.Services.GetRequiredService<MeterProvider>().ForceFlush(5000);
        await stage.Service.EventuallyAsync(() => stage.Sink.Metrics.ContainsKey("gatewayops_proxy_requests"), "the metrics at the collector");
        Assert.Contains("/v1/metrics ops", stage.Sink.Headers);
    }

    /// <summary>A collector that is away costs requests nothing; it is told once, and counted.</summary>
    [Fact]
    public async Task Collector_ThatRefuses_IsToldOnceAndCounted()
    {
        await using var stage = await Stage.StartAsync();
        stage.Sink.Status = 400;
        for (var i = 0; i < 3; i++)
        {
            using var answer = await stage.ChatAsync();
            Assert.Equal(200, (int)answer.StatusCode);
            stage.Flush();
        }

        var families = PrometheusText.Parse(await stage.Service.Anonymous.GetStringAsync("/metrics"), openMetrics: false);
        Assert.True(families["gatewayops_otlp_exports_total"].Samples.Single(sample => sample.Labels["signal"] == "traces" && sample.Labels["result"] == "failed").Value >= 2);
        Assert.Single(stage.Service.Log.Lines, line => line.Contains("The export of traces", StringComparison.Ordinal));
    }

    /// <summary>By gRPC a refusal is a success of HTTP, with the truth behind it in the trailers.</summary>
    [Fact]
    public async Task Grpc_IsSpokenWhereItIsSet_AndItsRefusalsAreFailures()
    {
        await using var stage = await Stage.StartAsync(new() { ["GatewayOps:Telemetry:Otlp:Protocol"] = "grpc" }, isGrpc: true);
        using var answer = await stage.ChatAsync(("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"));
        Assert.All(await stage.SpansAsync(3), span => Assert.Equal(CallersTrace, span.TraceId));
        Assert.Equal(0, await FailedAsync());

        stage.Sink.Status = 400;
        using var refused = await stage.ChatAsync();
        await stage.Service.EventuallyAsync(
            async () =>
            {
                stage.Flush();
                return await FailedAsync() == 1;
            },
            "the refusal");

        async Task<double> FailedAsync() => PrometheusText.Parse(await stage.Service.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_otlp_exports_total"]
            .Samples.Single(sample => sample.Labels["signal"] == "traces" && sample.Labels["result"] == "failed").Value;
    }

    /// <summary>Without an endpoint there is no source to begin a span with, and the caller's own context passes as it came.</summary>
    [Fact]
    public async Task Off_NothingIsTraced()
    {
        await using var stage = await Stage.StartAsync(new() { ["GatewayOps:Telemetry:Otlp:Endpoint"] = "" });
        using var answer = await stage.ChatAsync(("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"));
        Assert.Equal($"00-{CallersTrace}-{CallersSpan}-01", stage.Told.Single()["traceparent"]);
        Assert.DoesNotContain("cf-aig-otel-trace-id", stage.Told.Single().Keys);
        Assert.Null(stage.Service.Services.GetRequiredService<GatewayOps.ControlPlane.Telemetry.Tracing.ServiceTraces>().Source);
    }

    /// <summary>OpenTelemetry's own variables lead to our settings.</summary>
    [Fact]
    public void Variables_OfOpenTelemetry_AreSettings()
    {
        var settings = EnvironmentNames.Settings([
            new("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), new("OTEL_EXPORTER_OTLP_HEADERS", "a=b"), new("OTEL_RESOURCE_ATTRIBUTES", "team=x"), new("OTEL_TRACES_SAMPLER_ARG", "0.1")]);
        Assert.Equal("http://collector:4317", settings["GatewayOps:Telemetry:Otlp:Endpoint"]);
        Assert.Equal("a=b", settings["GatewayOps:Telemetry:Otlp:Headers"]);
        Assert.Equal("0.1", settings["GatewayOps:Telemetry:Otlp:SampleRatio"]);
        Assert.Equal("team=x", settings["OTEL_RESOURCE_ATTRIBUTES"]);
    }

    private sealed class Stage(OtlpSink sink, StubGateway gateway, TestService service, ConcurrentQueue<Dictionary<string, string>> told) : IAsyncDisposable
    {
        public OtlpSink Sink => sink;

        public TestService Service => service;

        /// <summary>The headers that the upstream got, per call.</summary>
        public ConcurrentQueue<Dictionary<string, string>> Told => told;

        public static async Task<Stage> StartAsync(Dictionary<string, string>? settings = null, string? rules = null, int failFirst = 0, bool isGrpc = false)
        {
            var told = new ConcurrentQueue<Dictionary<string, string>>();
            var sink = await OtlpSink.StartAsync(isGrpc);
            var gateway = await StubGateway.StartAsync(context =>
            {
                told.Enqueue(context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()));
                if (told.Count > failFirst)
                {
                    return HostileNames.AnswerAsync(context);
                }

                context.Response.StatusCode = 503;
                return Task.CompletedTask;
            });
            var all = new Dictionary<string, string>(gateway.Settings) { ["GatewayOps:Telemetry:Otlp:Endpoint"] = sink.Url };
            foreach (var (name, value) in settings ?? [])
            {
                all[name] = value;
            }

            var service = await TestService.StartAsync(settings: all);
            if (rules is not null)
            {
                await service.ServeAsync(rules, "rules", ProxyStage.Gateway);
            }

            sink.Spans.Clear();
            return new Stage(sink, gateway, service, told);
        }

        public async Task<HttpResponseMessage> ChatAsync(params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent($$"""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{Prompt}}"}]}""", System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("X-SESSION-ID", "the-session");
            foreach (var (name, value) in headers)
            {
                request.Headers.Add(name, value);
            }

            return await service.Caller.SendAsync(request);
        }

        public void Flush() => service.Services.GetRequiredService<TracerProvider>().ForceFlush(5000);

        /// <summary>Of this service, once there are so many: the span of a request ends after its answer.</summary>
        public async Task<IReadOnlyList<ReceivedSpan>> SpansAsync(int count)
        {
            await service.EventuallyAsync(
                () =>
                {
                    Flush();
                    return sink.Spans.Count >= count;
                },
                $"{count} spans");
            return [.. sink.Spans];
        }

        public async ValueTask DisposeAsync()
        {
            await service.DisposeAsync();
            await gateway.DisposeAsync();
            await sink.DisposeAsync();
        }
    }
}
