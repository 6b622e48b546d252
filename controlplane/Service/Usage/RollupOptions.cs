using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>How long hourly and daily totals of the request records are kept; the records themselves go earlier (GatewayOps:Ingestion:RequestRecordDays).</summary>
public sealed class RollupOptions
{
    public const string Section = "GatewayOps:Rollups";

    /// <summary>False: this replica neither counts days of before an upgrade nor drops old totals. The totals themselves are kept by the database, whatever this says.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Days that hourly totals are kept, today not counted.</summary>
    [Range(1, 3650, ErrorMessage = Section + ":HourlyDays must be between 1 and 3650")]
    public int HourlyDays { get; init; } = 100;

    /// <summary>Days that daily totals are kept, today not counted; no fewer than the hourly ones.</summary>
    [Range(1, 36500, ErrorMessage = Section + ":DailyDays must be between 1 and 36500")]
    public int DailyDays { get; init; } = 800;
}

[OptionsValidator]
public sealed partial class RollupOptionsValidator : IValidateOptions<RollupOptions>;
