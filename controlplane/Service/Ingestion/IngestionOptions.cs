using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>How gateways' logs are polled. Source: product contract, section 9.</summary>
public sealed class IngestionOptions
{
    public const string Section = "GatewayOps:Ingestion";

    /// <summary>Between two polls of all gateways, 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = Section + ":Interval must be between 00:00:01 and 01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much of what was read is read again, for entries that come late. Entries are 30 to 60 s late (Cloudflare contract, section 3).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = Section + ":Overlap must be between 00:00:00 and 1.00:00:00")]
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How far back the first poll of a gateway goes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = Section + ":Lookback must be between 00:00:00 and 30.00:00:00")]
    public TimeSpan Lookback { get; init; } = TimeSpan.FromHours(1);

    /// <summary>False: this replica neither polls nor drops old days. For tests, and for a replica that only proxies.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Days that log entries are kept, today not counted.</summary>
    [Range(1, 3650, ErrorMessage = Section + ":LogDays must be between 1 and 3650")]
    public int LogDays { get; init; } = 30;

    /// <summary>Days that the proxy's request records are kept, today not counted.</summary>
    [Range(1, 3650, ErrorMessage = Section + ":RequestRecordDays must be between 1 and 3650")]
    public int RequestRecordDays { get; init; } = 90;
}

[OptionsValidator]
public sealed partial class IngestionOptionsValidator : IValidateOptions<IngestionOptions>;
