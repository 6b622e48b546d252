using System.Globalization;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Where a page of log entries ends: the last entry's time, gateway and id, as the text of a cursor.</summary>
public sealed record LogPlace(DateTimeOffset CreatedAt, string Gateway, string Id)
{
    /// <summary>Null for a text that is none.</summary>
    public static LogPlace? Parse(string text) =>
        text.Split('\n') is [var at, var gateway, var id]
        && DateTimeOffset.TryParseExact(at, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
            ? new LogPlace(time, gateway, id)
            : null;

    public override string ToString() => $"{CreatedAt:O}\n{Gateway}\n{Id}";
}
