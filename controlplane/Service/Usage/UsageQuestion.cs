namespace GatewayOps.ControlPlane.Usage;

/// <summary>What usage is asked for: a span, how it is grouped, and of which requests; null is all.</summary>
/// <param name="By">A key of <see cref="UsageReport.Groupings"/>.</param>
public sealed record UsageQuestion(string By, DateTimeOffset Since, DateTimeOffset? Until = null, string? Gateway = null, string? Provider = null, string? Model = null, string? Key = null);
