namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>A path as records and traces keep it: without its query, and cut where callers wrote more than a record needs.</summary>
internal static class ShownPath
{
    private const int Longest = 512;

    public static string Of(PathString path) => path.Value is { Length: > Longest } text ? text[..Longest] : path.Value ?? "";
}
