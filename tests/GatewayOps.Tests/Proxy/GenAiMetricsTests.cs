using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Proxy.GenAi;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>The second export. Names, types, units and buckets as the table of the observability anchors, section 1, has them.</summary>
public sealed class GenAiMetricsTests
{
    private const string Doubling = "0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 600";
    private const string TimesFour = "1 4 16 64 256 1024 4096 16384 65536 262144 1048576 4194304 16777216 67108864";

    [Theory]
    [InlineData("v1.41", "gen_ai.client.token.usage", "histogram", "{token}", TimesFour)]
    [InlineData("v1.41", "gen_ai.client.operation.duration", "histogram", "s", Doubling)]
    [InlineData("v1.41", "gen_ai.client.operation.time_to_first_chunk", "histogram", "s", Doubling)]
    [InlineData("latest", "gen_ai.client.inference.usage.input_tokens", "counter", "{token}", "")]
    [InlineData("latest", "gen_ai.client.inference.usage.output_tokens", "counter", "{token}", "")]
    [InlineData("latest", "gen_ai.client.inference.usage.cache_read.input_tokens", "counter", "{token}", "")]
    [InlineData("latest", "gen_ai.client.inference.usage.cache_write.input_tokens", "counter", "{token}", "")]
    [InlineData("latest", "gen_ai.client.inference.usage.reasoning.output_tokens", "counter", "{token}", "")]
    [InlineData("latest", "gen_ai.client.inference.operation.input_tokens", "histogram", "{token}", TimesFour)]
    [InlineData("latest", "gen_ai.client.inference.operation.output_tokens", "histogram", "{token}", TimesFour)]
    [InlineData("latest", "gen_ai.client.inference.duration", "histogram", "s", Doubling)]
    [InlineData("latest", "gen_ai.client.operation.duration", "histogram", "s", Doubling)]
    [InlineData("latest", "gen_ai.client.inference.time_to_first_chunk", "histogram", "s", Doubling)]
    [InlineData("v1.41", "gen_ai.server.request.duration", "histogram", "s", Doubling)]
    [InlineData("latest", "gen_ai.server.request.duration", "histogram", "s", Doubling)]
    [InlineData("latest", "gen_ai.server.time_to_first_token", "histogram", "s", "0.001 0.005 0.01 0.02 0.04 0.06 0.08 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 20 30 45 60")]
    [InlineData("latest", "gen_ai.server.time_per_output_token", "histogram", "s", "0.01 0.025 0.05 0.075 0.1 0.15 0.2 0.3 0.4 0.5 0.75 1 2.5")]
    public void Instrument_IsThatOfTheConventions(string version, string name, string type, string unit, string buckets)
    {
        var instrument = Instruments(version).Single(instrument => instrument.Name == name);
        Assert.Equal((type, unit), (CatalogueCheck.KindOf(instrument).ToString().ToLowerInvariant(), instrument.Unit));
        var bounds = instrument switch
        {
            Histogram<double> seconds => seconds.Advice!.HistogramBucketBoundaries!.Select(NumberText.Value),
            Histogram<long> tokens => tokens.Advice!.HistogramBucketBoundaries!.Select(bound => NumberText.Value(bound)),
            _ => [],
        };
        Assert.Equal(buckets, string.Join(' ', bounds));
    }

    /// <summary>What a version has removed or renamed is not there under its old name, and off is nothing at all.</summary>
    [Fact]
    public void Versions_AreNeverMixed()
    {
        Assert.Empty(Instruments("off"));
        Assert.DoesNotContain(Instruments("v1.41"), instrument => instrument.Name.Contains("inference", StringComparison.Ordinal));
        Assert.DoesNotContain(Instruments("latest"), instrument => instrument.Name is "gen_ai.client.token.usage" or "gen_ai.client.operation.time_to_first_chunk");
    }

    [Theory]
    [InlineData("v1.41", "gen_ai_client_operation_duration_seconds", "gen_ai_client_token_usage", "gen_ai_client_operation_time_to_first_chunk_seconds")]
    [InlineData("latest", "gen_ai_client_inference_duration_seconds", "gen_ai_client_inference_operation_input_tokens", "gen_ai_client_inference_time_to_first_chunk_seconds")]
    public async Task Requests_CountWithTheRequiredAttributes(string version, string duration, string tokens, string firstChunk)
    {
        await using var stage = await ProxyStage.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Telemetry:GenAiConventions"] = version });
        Answer[] answered =
        [
            await stage.ChatAsync(), await stage.ChatAsync(more: new { stream = true }),
            await stage.PostAsync("""{"model":"text-embedding-3-small","input":"a"}""", path: "/v1/embeddings"),
        ];
        Assert.All(answered, answer => Assert.True(answer.Status == 200, answer.Text));
        await stage.ChatAsync(more: new { model = "nobody-has-this" });
        await stage.PostAsync("no json");
        await stage.RecordsAsync(5);

        var families = PrometheusText.Parse(await stage.Service.Anonymous.GetStringAsync("/metrics"), openMetrics: false);

        Assert.Equal(2, Count(duration, ("gen_ai_operation_name", "chat"), ("gen_ai_provider_name", "openai"), ("gen_ai_request_model", "gpt-4o-mini"), ("error_type", "")));
        Assert.Equal(1, Count(duration, ("gen_ai_operation_name", "chat"), ("error_type", "client_error"), ("gen_ai_request_model", "_other")));
        Assert.Equal(1, Count("gen_ai_client_operation_duration_seconds", ("gen_ai_operation_name", "embeddings")));
        Assert.Equal(version == "latest" ? 2 : 3, Count(tokens, version == "latest" ? ("gen_ai_operation_name", "chat") : ("gen_ai_token_type", "input")));
        Assert.Equal(1, Count(firstChunk, ("gen_ai_request_model", "gpt-4o-mini")));
        Assert.Equal(4, Count("gen_ai_server_request_duration_seconds"));
        CatalogueCheck.Holds(CatalogueCheck.Instruments(stage.Service.Services), families);

        double Count(string family, params (string Label, string Value)[] with) => families[family].Samples
            .Where(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal) && with.All(label => sample.Labels.GetValueOrDefault(label.Label, "") == label.Value)).Sum(sample => sample.Value);
    }

    [Theory]
    [InlineData("mistral", "mistral_ai")]
    [InlineData("google-ai-studio", "gcp.gemini")]
    [InlineData("google-vertex-ai", "gcp.vertex_ai")]
    [InlineData("grok", "x_ai")]
    [InlineData("azure-openai", "azure.ai.openai")]
    [InlineData("aws-bedrock", "aws.bedrock")]
    [InlineData("perplexity-ai", "perplexity")]
    [InlineData("groq", "groq")]
    [InlineData("_other", "_other")]
    public void Provider_IsCalledAsTheConventionsCallIt(string slug, string name) => Assert.Equal(name, GenAiNames.Provider(slug));

    private static IReadOnlyList<Instrument> Instruments(string version)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ = new GenAiMetrics(services.GetRequiredService<IMeterFactory>(), Options.Create(new TelemetryOptions { GenAiConventions = version }));
        return CatalogueCheck.Instruments(services);
    }
}
