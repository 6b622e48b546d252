using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Where a page of request records ends. Opaque to callers.</summary>
public sealed record RequestCursor(DateTimeOffset At, Guid Id)
{
    public static RequestCursor? TryParse(string text)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|');
        return parts is [var at, var id]
            && DateTimeOffset.TryParseExact(at, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
            && Guid.TryParseExact(id, "N", out var guid)
            ? new RequestCursor(time, guid)
            : null;
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{At:O}|{Id:N}"));
}
