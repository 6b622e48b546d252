namespace GatewayOps.ControlPlane.Usage;

/// <summary>The outcomes of a request, as records and metrics name them.</summary>
public static class Outcomes
{
    public const string Ok = "ok";
    public const string ClientError = "client_error";
    public const string UpstreamError = "upstream_error";
    public const string Timeout = "timeout";
    public const string Truncated = "truncated";
    public const string Cancelled = "cancelled";
    public const string RateLimited = "rate_limited";
    public const string Refused = "refused";

    public static IReadOnlyList<string> All { get; } = [Ok, ClientError, UpstreamError, Timeout, Truncated, Cancelled, RateLimited, Refused];
}
