using System.Globalization;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Where a page of request records ends: the last record's time and id, as the text of a cursor.</summary>
public sealed record RequestPlace(DateTimeOffset At, Guid Id)
{
    /// <summary>Null for a text that is none.</summary>
    public static RequestPlace? Parse(string text) =>
        text.Split('|') is [var at, var id]
        && DateTimeOffset.TryParseExact(at, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
        && Guid.TryParseExact(id, "N", out var guid)
            ? new RequestPlace(time, guid)
            : null;

    public override string ToString() => $"{At:O}|{Id:N}";
}
