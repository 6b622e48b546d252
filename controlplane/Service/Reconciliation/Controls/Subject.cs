using System.Text.RegularExpressions;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Controls;

/// <summary>
/// What a difference is about within its gateway, as <see cref="Planning.Change.Subject"/> spells it: a gateway field by Cloudflare's name, or an object as `route/chat`.
/// </summary>
public static partial class Subject
{
    public const string Rule = "a gateway field such as cache_ttl, route/NAME, policy/NAME, custom_provider/SLUG or provider_config/SLUG/ALIAS";

    public static bool IsValid(string subject) => FieldOwnership.Of(subject) is not null || (subject.Length <= 200 && Object().IsMatch(subject));

    [GeneratedRegex(@"\A(?:(?:route|policy)/[^/\p{C}]+|custom_provider/[a-z0-9-]+|provider_config/[a-z0-9-]+/[a-z0-9-]+)\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Object();
}
