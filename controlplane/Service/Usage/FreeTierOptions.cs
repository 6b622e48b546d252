using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What the plan at Cloudflare gives for nothing. Source: checklist S0-20.</summary>
public sealed class FreeTierOptions
{
    public const string Section = "GatewayOps:Usage";

    /// <summary>In a UTC day, for `usage`; 0 is no such plan. Nothing is refused beyond it: that is what `quota` in a rule set is for.</summary>
    [Range(0, int.MaxValue, ErrorMessage = Section + ":FreeRequestsPerDay must be 0 to 2147483647")]
    public int FreeRequestsPerDay { get; init; } = 10_000;
}

[OptionsValidator]
public sealed partial class FreeTierOptionsValidator : IValidateOptions<FreeTierOptions>;
