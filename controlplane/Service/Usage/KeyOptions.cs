using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What becomes of requests beyond the last slice while the database is away.</summary>
public enum WithoutDatabase
{
    /// <summary>Each replica counts for itself, up to the whole limit.</summary>
    Allow,

    /// <summary>They are refused.</summary>
    Refuse,
}

/// <summary>How replicas share the limits of virtual keys.</summary>
public sealed class KeyOptions
{
    public const string Section = "GatewayOps:Keys";

    /// <summary>Part of a limit that a replica takes at a time, and may use before it has it: all replicas together exceed a limit by at most replicas × slice.</summary>
    [Range(0.001, 1, ErrorMessage = Section + ":Slice must be 0.001 to 1")]
    public double Slice { get; init; } = 0.1;

    /// <summary>Between two looks at what the others use; what a request needs is asked for at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:05", ErrorMessage = Section + ":ClaimInterval must be 00:00:00.1 to 00:00:05")]
    public TimeSpan ClaimInterval { get; init; } = TimeSpan.FromSeconds(1);

    public WithoutDatabase WithoutDatabase { get; init; } = WithoutDatabase.Allow;
}

[OptionsValidator]
public sealed partial class KeyOptionsValidator : IValidateOptions<KeyOptions>;
