using System.Globalization;

namespace GatewayOps.ControlPlane.Http;

/// <summary>HTTP statuses as callers filter by them: one (`429`) or a class (`5xx`).</summary>
public sealed record StatusRange(int From, int To)
{
    public const string Rule = "a status like 429 or a class like 5xx";

    /// <summary>Null for a text that is neither.</summary>
    public static StatusRange? Parse(string text) =>
        text is [>= '1' and <= '9', 'x' or 'X', 'x' or 'X'] ? new StatusRange((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99)
        : text.Length == 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? new StatusRange(status, status)
        : null;
}
