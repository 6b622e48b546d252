using System.Text.RegularExpressions;

namespace GatewayOps.Infra.Spec;

/// <summary>Ranges and relations of the specification. Source: Cloudflare contract, section 2.1.</summary>
public static partial class StackSpecValidator
{
    // One row per demand: the key it blames, whether it holds, what it demands.
    private static readonly (string Path, Func<StackSpec, bool> Holds, string Demand)[] Demands =
    [
        ("accountId", spec => AccountId().IsMatch(spec.AccountId), "must be 32 lower-case hex digits"),
        ("gatewayId", spec => spec.GatewayId.Length <= 64 && GatewayId().IsMatch(spec.GatewayId), "must be 1 to 64 lower-case letters, digits and underscores, joined by single dashes"),
        ("gatewayBaseUrl", spec => IsBaseUrl(spec.GatewayBaseUrl), "must be an absolute http or https URL without user, query or fragment"),
        ("workersAiBillingMode", spec => spec.WorkersAiBillingMode is "postpaid" or "unified", "must be postpaid or unified"),
        ("logManagement", spec => spec.LogManagement is >= 10_000 and <= 10_000_000, "must be 10000 to 10000000 logs"),
        ("logManagementStrategy", spec => spec.LogManagementStrategy is "STOP_INSERTING" or "DELETE_OLDEST", "must be STOP_INSERTING or DELETE_OLDEST"),
        ("cacheTtl", spec => spec.First.CacheTtl is >= 0 and <= 2_592_000, "must be 0 to 2592000 seconds"),
        ("rateLimitingLimit", spec => spec.First.RateLimitingLimit >= 0, "must not be negative"),
        ("rateLimitingInterval", spec => spec.First.RateLimitingInterval >= 0, "must not be negative"),
        ("rateLimitingInterval", spec => spec.First.RateLimitingLimit > 0 == spec.First.RateLimitingInterval > 0, "must be above 0 together with rateLimitingLimit, or 0 together with it"),
    ];

    public static IEnumerable<SpecError> Validate(StackSpec spec) =>
        Demands.Where(demand => !demand.Holds(spec)).DistinctBy(demand => demand.Path).Select(demand => new SpecError(demand.Path, demand.Demand));

    private static bool IsBaseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { UserInfo: "", Query: "", Fragment: "" };

    [GeneratedRegex(@"\A[0-9a-f]{32}\z", RegexOptions.NonBacktracking)]
    private static partial Regex AccountId();

    [GeneratedRegex(@"\A[a-z0-9_]+(?:-[a-z0-9_]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex GatewayId();
}
