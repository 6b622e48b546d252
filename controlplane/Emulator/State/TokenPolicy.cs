using System.Text.Json;

namespace GatewayOps.Emulator.State;

public enum PolicyEffect
{
    Allow,
    Deny,
}

/// <summary>One policy of a token: these permission groups on these resources, allowed or denied (contract section 10).</summary>
/// <param name="Resources">
/// As it was sent: a resource to `*`, or to an object of resources inside of it. `com.cloudflare.api.account.*` is every account.
/// </param>
public sealed record TokenPolicy(string Id, PolicyEffect Effect, IReadOnlyList<Permission> Groups, JsonElement Resources)
{
    private readonly (string Outer, string? Inner)[] _patterns = [.. Patterns(Resources)];

    /// <summary>True when it speaks of this permission on this resource, for or against.</summary>
    public bool Covers(Permission permission, string resource) => Groups.Contains(permission) && _patterns.Any(pattern => pattern.Inner is null
        ? Matches(pattern.Outer, resource)
        : Matches(pattern.Inner, resource) && (Matches(pattern.Outer, resource) || resource.StartsWith(pattern.Outer + '.', StringComparison.Ordinal)));

    // What lies inside an account or a zone (a bucket, say) is not the account: a nested grant gives what it names and nothing above it.
    private static IEnumerable<(string Outer, string? Inner)> Patterns(JsonElement resources)
    {
        foreach (var resource in resources.EnumerateObject())
        {
            if (resource.Value.ValueKind != JsonValueKind.Object)
            {
                yield return (resource.Name, null);
                continue;
            }
            foreach (var inner in resource.Value.EnumerateObject())
                yield return (resource.Name, inner.Name);
        }
    }

    // A star stands for one id: `…account.*` is every account, and no zone in any of them.
    private static bool Matches(string pattern, string resource) => pattern.EndsWith(".*", StringComparison.Ordinal)
        ? resource.Length >= pattern.Length && resource.AsSpan().StartsWith(pattern.AsSpan(..^1)) && !resource.AsSpan(pattern.Length - 1).Contains('.')
        : pattern == resource;
}
