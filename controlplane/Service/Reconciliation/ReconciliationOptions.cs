using System.ComponentModel.DataAnnotations;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>When gateways are looked at without anybody asking.</summary>
public sealed class ReconciliationOptions
{
    public const string Section = "GatewayOps:Reconciliation";

    /// <summary>Between two looks at all gateways, 1 s to 1 h. Cloudflare allows 1200 calls in five minutes: a look is one call per gateway, four where keys are stored.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = Section + ":Interval must be between 00:00:01 and 01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>False: nothing is looked at unless somebody asks. For tests, and for a replica that only proxies.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What is done with differences at gateways that have no mode of their own.</summary>
    public ReconcileMode DefaultMode { get; init; }

    /// <summary>How long a plan can be executed by its id or hash, 1 min to 24 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00", ErrorMessage = Section + ":PlanLifetime must be between 00:01:00 and 1.00:00:00")]
    public TimeSpan PlanLifetime { get; init; } = TimeSpan.FromMinutes(15);
}

[OptionsValidator]
public sealed partial class ReconciliationOptionsValidator : IValidateOptions<ReconciliationOptions>;
