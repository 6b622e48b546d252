using System.Diagnostics;
using System.Diagnostics.Metrics;
using GatewayOps.Client.Wire;

namespace GatewayOps.Client.Telemetry;

/// <summary>
/// Activities and metrics by the names of OpenTelemetry's conventions for generative AI (semantic-conventions-genai, schema 1.42.0). No prompt, no answer, no argument is in them; nothing is
/// made where nobody listens.
/// </summary>
internal static class ClientTelemetry
{
    private static readonly ActivitySource Source = new(GatewayTelemetry.Name);
    private static readonly Meter Meter = new(GatewayTelemetry.Name);

    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<long> TokenSteps = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] };

    private static readonly Histogram<double> Inference = Meter.CreateHistogram("gen_ai.client.inference.duration", "s", "How long an answer of a model took, with its retries", null, Seconds);
    private static readonly Histogram<double> Operation = Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "How long an operation took that is no inference, with its retries", null, Seconds);
    private static readonly Histogram<double> FirstChunk = Meter.CreateHistogram("gen_ai.client.inference.time_to_first_chunk", "s", "From the request of a stream to its first chunk", null, Seconds);
    private static readonly Histogram<long> Input = Meter.CreateHistogram("gen_ai.client.inference.operation.input_tokens", "{token}", "Tokens of a prompt, cached ones included", null, TokenSteps);
    private static readonly Histogram<long> Output = Meter.CreateHistogram("gen_ai.client.inference.operation.output_tokens", "{token}", "Tokens of an answer, reasoning included", null, TokenSteps);
    private static readonly Counter<long> AllInput = Meter.CreateCounter<long>("gen_ai.client.inference.usage.input_tokens", "{token}", "Tokens of prompts, cached ones included");
    private static readonly Counter<long> AllOutput = Meter.CreateCounter<long>("gen_ai.client.inference.usage.output_tokens", "{token}", "Tokens of answers, reasoning included");
    private static readonly Counter<long> AllCached = Meter.CreateCounter<long>("gen_ai.client.inference.usage.cache_read.input_tokens", "{token}", "Tokens of prompts that came from the provider's cache");
    private static readonly Counter<long> AllReasoning = Meter.CreateCounter<long>("gen_ai.client.inference.usage.reasoning.output_tokens", "{token}", "Tokens that models thought with");

    public static Activity? StartFunction(string name, string callId)
    {
        if (!Source.HasListeners()) return null;
        var activity = Source.StartActivity($"execute_tool {name}", ActivityKind.Internal);
        activity?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", name).SetTag("gen_ai.tool.call.id", callId);
        return activity;
    }

    public static void Fail(Activity? activity, Exception e) => activity?.SetTag("error.type", ErrorType(e)).SetStatus(ActivityStatusCode.Error);

    public static Operating Start(string operation, string slug, string model, Uri endpoint, TimeProvider time)
    {
        var activity = Source.HasListeners() ? Source.StartActivity($"{operation} {model}", ActivityKind.Client) : null;
        activity?.SetTag("gen_ai.operation.name", operation).SetTag("gen_ai.provider.name", ProviderName(slug)).SetTag("gen_ai.request.model", model)
            .SetTag("server.address", endpoint.Host).SetTag("server.port", endpoint.Port);
        return new Operating(operation, slug, model, activity, time);
    }

    /// <summary>The conventions' names where they have one.</summary>
    private static string ProviderName(string slug) => slug switch
    {
        "google-ai-studio" => "gcp.gemini",
        "google-vertex-ai" => "gcp.vertex_ai",
        "azure-openai" => "azure.ai.openai",
        "aws-bedrock" => "aws.bedrock",
        "mistral" => "mistral_ai",
        "grok" => "x_ai",
        "perplexity-ai" => "perplexity",
        _ => slug,
    };

    private static string ErrorType(Exception e) => e switch
    {
        GatewayException { Status: { } status } => status.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => e.GetType().FullName ?? e.GetType().Name,
    };

    /// <summary>One call of a model, from its request to its end.</summary>
    internal readonly struct Operating(string operation, string slug, string model, Activity? activity, TimeProvider time) : IDisposable
    {
        private readonly long _started = time.GetTimestamp();

        public void First()
        {
            if (FirstChunk.Enabled) FirstChunk.Record(time.GetElapsedTime(_started).TotalSeconds, Tags());
        }

        public void Succeed(Turn turn)
        {
            activity?.SetTag("gen_ai.response.id", turn.Id).SetTag("gen_ai.response.model", turn.Model).SetTag("gen_ai.response.finish_reasons", turn.FinishReason is { } reason ? new[] { reason.Value } : null)
                .SetTag("gen_ai.usage.input_tokens", turn.Usage?.InputTokenCount).SetTag("gen_ai.usage.output_tokens", turn.Usage?.OutputTokenCount)
                .SetTag("gen_ai.usage.cache_read.input_tokens", turn.Usage?.CachedInputTokenCount).SetTag("gen_ai.usage.reasoning.output_tokens", turn.Usage?.ReasoningTokenCount)
                .SetTag("gatewayops.request_id", turn.Headers.RequestId);
            Took(Inference, null);
            // What is not known is not reported as nothing.
            if (turn.Usage is not { } usage || !(Input.Enabled || AllInput.Enabled)) return;
            if (usage.InputTokenCount is { } input)
            {
                Input.Record(input, Tags());
                AllInput.Add(input, Tags());
            }
            if (usage.OutputTokenCount is { } output)
            {
                Output.Record(output, Tags());
                AllOutput.Add(output, Tags());
            }
            if (usage.CachedInputTokenCount is > 0 and var cached) AllCached.Add(cached, Tags());
            if (usage.ReasoningTokenCount is > 0 and var reasoning) AllReasoning.Add(reasoning, Tags());
        }

        public void SucceedEmbedding(long? tokens)
        {
            activity?.SetTag("gen_ai.usage.input_tokens", tokens);
            Took(Operation, null);
        }

        /// <summary>Waits for a part of the call; where that fails, the call has failed.</summary>
        public async ValueTask<T> WatchAsync<T>(ValueTask<T> part)
        {
            try
            {
                return await part;
            }
            catch (Exception e)
            {
                ClientTelemetry.Fail(activity, e);
                Took(operation == "embeddings" ? Operation : Inference, ErrorType(e));
                throw;
            }
        }

        public void Dispose() => activity?.Dispose();

        private void Took(Histogram<double> histogram, string? error)
        {
            if (!histogram.Enabled) return;
            var tags = Tags();
            if (error is not null) tags.Add("error.type", error);
            histogram.Record(time.GetElapsedTime(_started).TotalSeconds, tags);
        }

        private TagList Tags() => new() { { "gen_ai.operation.name", operation }, { "gen_ai.provider.name", ProviderName(slug) }, { "gen_ai.request.model", model } };
    }
}
