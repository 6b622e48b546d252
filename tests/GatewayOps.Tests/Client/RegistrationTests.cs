using System.Diagnostics;
using System.Diagnostics.Metrics;
using GatewayOps.Client;
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
        var spans = new List<Activity>();
        using var parent = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans)
                    if (activity.TraceId == parent.TraceId) spans.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
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
}
