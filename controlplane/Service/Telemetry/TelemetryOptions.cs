using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>What the service tells of itself, beside what it always does.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "GatewayOps:Telemetry";

    public const string Off = "off";
    public const string GenAi141 = "v1.41";
    public const string GenAiLatest = "latest";

    /// <summary>Names of OpenTelemetry's conventions for generative AI, beside our own. They are renamed between versions; ours are not.</summary>
    [AllowedValues(Off, GenAi141, GenAiLatest, ErrorMessage = Section + ":GenAiConventions must be off, v1.41 or latest")]
    public string GenAiConventions { get; init; } = Off;

    /// <summary>Bytes of an answer of `/metrics` before compression, 64 KiB to 1 GiB; a larger one is 500.</summary>
    [Range(65_536, 1_073_741_824, ErrorMessage = Section + ":MaxScrapeBytes must be 65536 to 1073741824")]
    public int MaxScrapeBytes { get; init; } = 33_554_432;
}

[OptionsValidator]
public sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
