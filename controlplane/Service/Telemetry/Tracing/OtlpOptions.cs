using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Telemetry.Tracing;

/// <summary>What becomes of the trace context (W3C traceparent) that a caller sends. Only that of callers who were let in is looked at.</summary>
public enum CallerTraces
{
    /// <summary>Our spans are part of the caller's trace, and its sampled flag decides.</summary>
    Continue,

    /// <summary>Our traces are our own and point at the caller's; our sampling decides.</summary>
    Link,

    /// <summary>It counts for nothing.</summary>
    Ignore,
}

/// <summary>Where traces and metrics are sent by OTLP. Without an endpoint nothing is, and nothing is traced.</summary>
public sealed class OtlpOptions
{
    public const string Section = "GatewayOps:Telemetry:Otlp";
    public const string Auto = "auto";
    public const string Grpc = "grpc";
    public const string HttpProtobuf = "http/protobuf";

    /// <summary>The collector. For HTTP its base: `/v1/traces` and `/v1/metrics` are appended.</summary>
    [RegularExpression("^https?://[^ ]+$", ErrorMessage = Section + ":Endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) must be an http or https address like http://collector:4318")]
    public string? Endpoint { get; init; }

    /// <summary>`auto` is grpc at port 4317 and http/protobuf elsewhere, as the ports are registered.</summary>
    [AllowedValues(Auto, Grpc, HttpProtobuf, ErrorMessage = Section + ":Protocol (OTEL_EXPORTER_OTLP_PROTOCOL) must be auto, grpc or http/protobuf")]
    public string Protocol { get; init; } = Auto;

    /// <summary>`name=value` pairs, separated by commas. May hold a secret.</summary>
    public string? Headers { get; init; }

    public bool Traces { get; init; } = true;

    public bool Metrics { get; init; } = true;

    /// <summary>Part of the traces that begin here which is recorded.</summary>
    [Range(0.0, 1.0, ErrorMessage = Section + ":SampleRatio (OTEL_TRACES_SAMPLER_ARG) must be 0 to 1")]
    public double SampleRatio { get; init; } = 1;

    public CallerTraces CallerTraces { get; init; }

    /// <summary>Between two exports of metrics.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = Section + ":MetricInterval must be 00:00:01 to 01:00:00")]
    public TimeSpan MetricInterval { get; init; } = TimeSpan.FromMinutes(1);
}

[OptionsValidator]
public sealed partial class OtlpOptionsValidator : IValidateOptions<OtlpOptions>;
