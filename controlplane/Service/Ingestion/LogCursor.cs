using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>A place in the list of log entries, newest first. Opaque to callers, who get it as `next` and give it back.</summary>
public sealed record LogCursor(DateTimeOffset CreatedAt, string Gateway, string Id)
{
    /// <summary>Null for what was no cursor of ours.</summary>
    public static LogCursor? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[512];
        if (text.Length > bytes.Length || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length))
        {
            return null;
        }
        var parts = Encoding.UTF8.GetString(bytes[..length]).Split('\n');
        return parts.Length == 3 && !parts[1].Contains('\0') && !parts[2].Contains('\0')
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new LogCursor(new DateTimeOffset(ticks, TimeSpan.Zero), parts[1], parts[2])
            : null;
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{CreatedAt.UtcTicks}\n{Gateway}\n{Id}"));
}
