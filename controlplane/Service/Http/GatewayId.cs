using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace GatewayOps.ControlPlane.Http;

/// <summary>Ids of gateways. Source: Cloudflare contract, section 2.1.</summary>
public static partial class GatewayId
{
    public const string Rule = "1 to 64 of a-z 0-9 _ -, where a - stands alone between others";

    public static bool IsValid([NotNullWhen(true)] string? id) => id is { Length: >= 1 and <= 64 } && Pattern().IsMatch(id);

    [GeneratedRegex(@"^[a-z0-9_]+(?:-[a-z0-9_]+)*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Pattern();
}
