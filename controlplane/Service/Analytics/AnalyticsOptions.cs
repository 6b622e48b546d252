using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>How Cloudflare's analytics are polled. Source: Cloudflare contract, section 15.</summary>
public sealed class AnalyticsOptions
{
    public const string Section = "GatewayOps:Analytics";

    /// <summary>False: this replica does not poll.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Between two polls, one query each for the whole account.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "06:00:00", ErrorMessage = Section + ":Interval must be between 00:00:10 and 06:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How old a minute must be to be final. Cloudflare ingests 14 minutes late or more; until then a minute is read again.</summary>
    [Range(typeof(TimeSpan), "00:14:00", "1.00:00:00", ErrorMessage = Section + ":Lag must be between 00:14:00 and 1.00:00:00")]
    public TimeSpan Lag { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How far back the first poll goes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "31.00:00:00", ErrorMessage = Section + ":Lookback must be between 00:00:00 and 31.00:00:00")]
    public TimeSpan Lookback { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Days that minutes are kept, today not counted. Cloudflare itself has about 62.</summary>
    [Range(1, 3650, ErrorMessage = Section + ":Days must be between 1 and 3650")]
    public int Days { get; init; } = 62;
}

[OptionsValidator]
public sealed partial class AnalyticsOptionsValidator : IValidateOptions<AnalyticsOptions>;
