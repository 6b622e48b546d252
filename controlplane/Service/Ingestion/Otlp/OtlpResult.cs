namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>How an export ended: the values of the metric's label.</summary>
public static class OtlpResult
{
    public const string Stored = "stored";
    public const string Partial = "partial";
    public const string Refused = "refused";
    public const string Unauthorized = "unauthorized";
    public const string Busy = "busy";
    public const string Unavailable = "unavailable";

    public static readonly IReadOnlyList<string> All = [Stored, Partial, Refused, Unauthorized, Busy, Unavailable];
}
