using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

public sealed class UsageOptions
{
    public const string Section = "GatewayOps:Usage";

    /// <summary>Records that wait for the database at most; about half a kilobyte each.</summary>
    [Range(1, 1_000_000, ErrorMessage = Section + ":QueueLength must be 1 to 1000000")]
    public int QueueLength { get; init; } = 20_000;

    [Range(1, 10_000, ErrorMessage = Section + ":BatchSize must be 1 to 10000")]
    public int BatchSize { get; init; } = 500;

    /// <summary>Shortest time between the beginnings of two batches, unless one is full: what comes meanwhile shares a round trip.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = Section + ":WriteInterval must be 00:00:00 to 00:01:00")]
    public TimeSpan WriteInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long one batch is tried again while the database is away; then it is dropped and counted. Memory is bounded by <see cref="QueueLength"/>, so this may be long.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = Section + ":RetryFor must be 00:00:00 to 01:00:00")]
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A price file that replaces the built-in one; same shape.</summary>
    public string? PriceFile { get; init; }
}

[OptionsValidator]
public sealed partial class UsageOptionsValidator : IValidateOptions<UsageOptions>;
