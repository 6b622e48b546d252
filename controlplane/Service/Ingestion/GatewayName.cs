using System.Text.RegularExpressions;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>What a gateway may be called. Source: Cloudflare contract, section 2.1.</summary>
public static partial class GatewayName
{
    public static bool IsOne(string? text) => text is { Length: >= 1 and <= 64 } && Shape().IsMatch(text);

    [GeneratedRegex("^[a-z0-9_]+(?:-[a-z0-9_]+)*\\z")]
    private static partial Regex Shape();
}
