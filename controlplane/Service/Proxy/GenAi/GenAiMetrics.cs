using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Usage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy.GenAi;

/// <summary>
/// The second export: the names of OpenTelemetry's conventions for generative AI, as a client of the providers sees its calls, and as a server's caller sees it through us. Off unless a
/// version is set. Only what went to a provider counts; usage counts where the provider reported it. Source: observability anchors, section 1.
/// </summary>
/// <remarks>`time_per_output_chunk` is not here: it wants the time of every chunk, which the relay does not keep.</remarks>
public sealed class GenAiMetrics
{
    public const string MeterName = "GatewayOps.GenAi";

    /// <summary>Seconds, doubling; from 81.92 on for reasoning models, which the conventions leave to others.</summary>
    public static IReadOnlyList<double> Durations { get; } = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 600];

    /// <summary>Tokens, each four times the one before.</summary>
    public static IReadOnlyList<double> Tokens { get; } = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    public static IReadOnlyList<double> FirstTokens { get; } = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 30, 45, 60];
    public static IReadOnlyList<double> OutputTokens { get; } = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    private readonly Instruments? _instruments;

    public GenAiMetrics(IMeterFactory meters, IOptions<TelemetryOptions> options)
    {
        if (options.Value.GenAiConventions is not TelemetryOptions.Off and var version)
        {
            _instruments = new Instruments(meters.Create(MeterName), version == TelemetryOptions.GenAiLatest);
        }
    }

    public bool IsOn => _instruments is not null;

    /// <param name="record">A finished request.</param>
    /// <param name="provider">Its provider, bounded.</param>
    /// <param name="model">Its model, bounded.</param>
    public void Finished(UsageRecord record, string provider, string model)
    {
        if (_instruments is null || record.Attempts == 0 || GenAiNames.Operation(record.Path) is not { } operation)
        {
            return;
        }

        KeyValuePair<string, object?>[] labels = [new("gen_ai.operation.name", operation), new("gen_ai.provider.name", GenAiNames.Provider(provider)), new("gen_ai.request.model", model)];
        _instruments.Record(record, labels, isInference: operation != "embeddings");
    }

    private sealed class Instruments
    {
        private readonly bool _isLatest;
        private readonly Histogram<double> _operation;
        private readonly Histogram<double>? _inference;
        private readonly Histogram<double> _firstChunk;
        private readonly Histogram<long>? _usage;
        private readonly Histogram<long>? _input;
        private readonly Histogram<long>? _output;
        private readonly (Counter<long> Counter, Func<TokenUsage, long?> Of)[] _counters = [];
        private readonly Histogram<double> _served;
        private readonly Histogram<double> _servedFirstToken;
        private readonly Histogram<double> _servedOutputToken;

        public Instruments(Meter meter, bool isLatest)
        {
            _isLatest = isLatest;
            _operation = Seconds("gen_ai.client.operation.duration", isLatest ? "Duration of an operation that is no inference (embeddings)." : "Duration of an operation at a provider.", Durations);
            _firstChunk = Seconds(isLatest ? "gen_ai.client.inference.time_to_first_chunk" : "gen_ai.client.operation.time_to_first_chunk", "Time to the first chunk of a streamed answer.", Durations);
            _served = Seconds("gen_ai.server.request.duration", "Duration of a request, as the gateway's caller sees it.", Durations);
            _servedFirstToken = Seconds("gen_ai.server.time_to_first_token", "Time to the first token of a request that succeeded.", FirstTokens);
            _servedOutputToken = Seconds("gen_ai.server.time_per_output_token", "Time per output token after the first, of a streamed answer.", OutputTokens);
            if (!isLatest)
            {
                _usage = Count("gen_ai.client.token.usage", "Tokens of an operation, by type.");
                return;
            }

            _inference = Seconds("gen_ai.client.inference.duration", "Duration of an inference at a provider.", Durations);
            _input = Count("gen_ai.client.inference.operation.input_tokens", "Input tokens of an inference, cached ones included.");
            _output = Count("gen_ai.client.inference.operation.output_tokens", "Output tokens of an inference.");
            _counters =
            [
                (Total("gen_ai.client.inference.usage.input_tokens", "Input tokens, cached ones included."), usage => usage.Input),
                (Total("gen_ai.client.inference.usage.output_tokens", "Output tokens."), usage => usage.Output),
                (Total("gen_ai.client.inference.usage.cache_read.input_tokens", "Input tokens that came from the provider's prompt cache."), usage => usage.Cached),
                (Total("gen_ai.client.inference.usage.cache_write.input_tokens", "Input tokens that went into the provider's prompt cache."), usage => usage.CacheWrites),
                (Total("gen_ai.client.inference.usage.reasoning.output_tokens", "Output tokens that were spent on reasoning."), usage => usage.Reasoning),
            ];

            Histogram<double> Seconds(string name, string description, IReadOnlyList<double> bounds) =>
                meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

            Histogram<long> Count(string name, string description) =>
                meter.CreateHistogram(name, "{token}", description, tags: null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Tokens.Select(bound => (long)bound)] });

            Counter<long> Total(string name, string description) => meter.CreateCounter<long>(name, "{token}", description);
        }

        public void Record(UsageRecord record, KeyValuePair<string, object?>[] labels, bool isInference)
        {
            var isOk = record.Outcome == Outcomes.Ok;
            KeyValuePair<string, object?>[] withError = isOk ? labels : [.. labels, new("error.type", record.Outcome)];
            var duration = record.Duration.TotalSeconds;
            (_isLatest && isInference ? _inference! : _operation).Record(duration, withError);
            _served.Record(duration, withError);
            if (record.FirstByte is { } first)
            {
                RecordFirst(record, labels, first.TotalSeconds, isOk);
            }

            // An estimate is no usage, and an answer from a cache used nothing.
            if (record is { Tokens: { IsEstimate: false } tokens, Cache: not "hit" })
            {
                RecordTokens(tokens, labels, isInference);
            }
        }

        private void RecordFirst(UsageRecord record, KeyValuePair<string, object?>[] labels, double first, bool isOk)
        {
            if (record.Stream)
            {
                _firstChunk.Record(first, labels);
            }

            if (!isOk)
            {
                return;
            }

            _servedFirstToken.Record(first, labels);
            if (record is { Stream: true, Tokens: { IsEstimate: false, Output: > 1 and var output } })
            {
                _servedOutputToken.Record((record.Duration.TotalSeconds - first) / (output - 1), labels);
            }
        }

        private void RecordTokens(TokenUsage tokens, KeyValuePair<string, object?>[] labels, bool isInference)
        {
            if (!_isLatest)
            {
                _usage!.Record(tokens.Input, [.. labels, new("gen_ai.token.type", "input")]);
                _usage.Record(tokens.Output, [.. labels, new("gen_ai.token.type", "output")]);
            }
            else if (isInference)
            {
                _input!.Record(tokens.Input, labels);
                _output!.Record(tokens.Output, labels);
                foreach (var (counter, of) in _counters)
                {
                    if (of(tokens) is { } count)
                    {
                        counter.Add(count, labels);
                    }
                }
            }
        }
    }
}
