using System.Diagnostics;
using System.Diagnostics.Metrics;
using GatewayOps.Client;
using GatewayOps.Client.WorkersAi;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Client;

public sealed class RegistrationTests
{
    [Fact, Trait("checklist", "S3-04")]
    public async Task SeveralGateways_HaveKeys()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("hi"));
        var services = new ServiceCollection().AddGatewayClient(gateway.Options).AddGatewayClient("slow", gateway.Options with { GatewayId = "other" });
        await using var container = services.BuildServiceProvider();
        Assert.Same(container.GetRequiredService<GatewayChatClient>(), container.GetRequiredService<IChatClient>());
        Assert.Same(container.GetRequiredKeyedService<GatewayChatClient>("slow"), container.GetRequiredKeyedService<IChatClient>("slow"));
        await container.GetRequiredService<IChatClient>().GetResponseAsync("x");
        await container.GetRequiredKeyedService<IChatClient>("slow").GetResponseAsync("x");
        Assert.Equal(["/v1/acc/openai-compat/compat/chat/completions", "/v1/acc/other/compat/chat/completions"], gateway.Asked.Select(asked => asked.Path));
        Assert.NotNull(container.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
    }

    [Fact]
    public async Task TelemetryAndLog_TellEverything_ButWhatWasSaid()
    {
        await using var gateway = await ScriptedGateway.StartAsync(
            ScriptedGateway.Error(429, "rate_limit_exceeded", "slow", ("Retry-After", "0")), ScriptedGateway.Calls(("leak", "{\"secret\":\"canary-argument\"}")), ScriptedGateway.Says("canary-answer"), ScriptedGateway.Error(500, "oops"));
        using var traced = new Traced();
        var spans = traced.Spans;
        var measured = new List<(string Name, double Value, string Tags)>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, own) => { if (instrument.Meter.Name == GatewayTelemetry.Name) own.EnableMeasurementEvents(instrument); } };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? _) where T : struct
        {
            var text = string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            lock (measured)
                if (text.Contains("model-of-this-test", StringComparison.Ordinal)) measured.Add((instrument.Name, Convert.ToDouble(value), text));
        }
        meters.SetMeasurementEventCallback<long>(Note);
        meters.SetMeasurementEventCallback<double>(Note);
        meters.Start();
        var log = new CapturedLog();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(log));
        await using var client = new GatewayChatClient(gateway.Options with { Model = "model-of-this-test" }, logger: factory.CreateLogger<GatewayChatClient>());

        var options = new ChatOptions { Tools = [GatewayTool.Function(string (string secret) => throw new InvalidOperationException("no"), "leak")] };
        Assert.Equal("canary-answer", (await client.ChatAsync("canary-prompt", options: options)).Text);
        await Assert.ThrowsAsync<GatewayException>(() => client.ChatAsync("canary-prompt"));

        Assert.Equal(["chat openai/model-of-this-test", "execute_tool leak", "chat openai/model-of-this-test", "chat openai/model-of-this-test"], spans.Select(span => span.DisplayName));
        Assert.Equal(("chat", "openai", 10L, "gpt-4o-mini-2024"), (spans[0].GetTagItem("gen_ai.operation.name"), spans[0].GetTagItem("gen_ai.provider.name"), spans[0].GetTagItem("gen_ai.usage.input_tokens"), spans[0].GetTagItem("gen_ai.response.model")));
        Assert.Equal(("500", ActivityStatusCode.Error), (spans[^1].GetTagItem("error.type"), spans[^1].Status));
        Assert.Equal(3, measured.Count(row => row.Name == "gen_ai.client.inference.duration"));
        Assert.Equal(20, measured.Where(row => row.Name == "gen_ai.client.inference.usage.input_tokens").Sum(row => row.Value));
        Assert.Equal(4, measured.Where(row => row.Name == "gen_ai.client.inference.usage.reasoning.output_tokens").Sum(row => row.Value));
        Assert.Contains(measured, row => row.Tags.Contains("error.type=500", StringComparison.Ordinal));
        Assert.Contains("429", log.ToString());
        var everything = string.Join("\n", spans.SelectMany(span => span.TagObjects).Select(tag => $"{tag.Key}={tag.Value}").Concat(measured.Select(row => row.Tags)).Append(log.ToString()));
        Assert.DoesNotContain("canary", everything);
    }

    [Fact]
    public async Task StreamedTurn_HasEnded_WhenItsFunctionsRun()
    {
        await using var gateway = await ScriptedGateway.StartAsync(
            ScriptedGateway.Events("data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call-0\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n"),
            ScriptedGateway.Events("data: {\"choices\":[{\"delta\":{\"content\":\"noon\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"));
        await using var client = gateway.Client();
        using var traced = new Traced();
        await client.GetStreamingResponseAsync("x", new ChatOptions { Tools = [GatewayTool.Function(() => "noon", "now")] }).ToChatResponseAsync();
        Assert.Equal(["chat openai/gpt-4o-mini", "execute_tool now", "chat openai/gpt-4o-mini"], traced.Spans.Select(span => span.DisplayName));
        Assert.Equal(("c", "tool_calls"), (traced.Spans[0].GetTagItem("gen_ai.response.id"), ((string[])traced.Spans[0].GetTagItem("gen_ai.response.finish_reasons")!)[0]));
    }

    [Fact]
    public async Task WorkersAi_IsTraced_AsAllCallsAre()
    {
        await using var api = await ScriptedGateway.StartAsync(
            ScriptedGateway.Status(200, """{"result":{"response":"hi","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}},"success":true}""", ("cf-ray", "ray-1")), ScriptedGateway.Events("data: {\"response\":\"hi\"}\n\n"));
        using var client = new WorkersAiClient(new WorkersAiOptions { AccountId = "acc", ApiToken = "token", BaseUrl = api.BaseUrl });
        using var traced = new Traced();
        var answer = await client.GetResponseAsync("canary-prompt");
        await Assert.ThrowsAsync<GatewayTruncatedException>(() => client.GetStreamingResponseAsync("canary-prompt").ToChatResponseAsync());
        Assert.Equal(("workers-ai", "ray-1", 5L), (answer.GetGatewayUsage().Provider, answer.GetGatewayUsage().RequestId, answer.GetGatewayUsage().TotalTokens));
        Assert.Equal(("workers-ai", 3L, "ray-1"), (traced.Spans[0].GetTagItem("gen_ai.provider.name"), traced.Spans[0].GetTagItem("gen_ai.usage.input_tokens"), traced.Spans[0].GetTagItem("gatewayops.request_id")));
        Assert.Equal(ActivityStatusCode.Error, traced.Spans[1].Status);
        Assert.DoesNotContain("canary", string.Join("\n", traced.Spans.SelectMany(span => span.TagObjects)));
    }

    /// <summary>The library's activities that this test causes, in the order of their ends.</summary>
    private sealed class Traced : IDisposable
    {
        private readonly Activity _test = new Activity("test").Start();
        private readonly ActivityListener _listener;

        public Traced()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == GatewayTelemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity =>
                {
                    lock (Spans)
                        if (activity.TraceId == _test.TraceId) Spans.Add(activity);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public List<Activity> Spans { get; } = [];

        public void Dispose()
        {
            _listener.Dispose();
            _test.Dispose();
        }
    }
}
