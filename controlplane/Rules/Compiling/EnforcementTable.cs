using System.Text.RegularExpressions;

namespace GatewayOps.Rules.Compiling;

/// <summary>Where each leaf of a document is enforced. A leaf without a row here stops the compilation: nothing is silently dropped.</summary>
internal static partial class EnforcementTable
{
    // By pointer, list indices written as `*`.
    private static readonly Dictionary<string, (EnforcementPoint Point, string Detail)> Rows = new()
    {
        ["/$schema"] = (EnforcementPoint.Document, "names the schema for editors"),
        ["/name"] = (EnforcementPoint.Document, "names the rule set"),
        ["/gateways"] = (EnforcementPoint.Document, "chooses the gateways"),
        ["/priority"] = (EnforcementPoint.Document, "decides between rule sets that give the same thing"),
        ["/rules/*/name"] = (EnforcementPoint.Document, "names the rule in plans, logs and answers"),
        ["/rules/*/pattern"] = (EnforcementPoint.Proxy, "compared with the operation path"),
        ["/rules/*/match/model"] = (EnforcementPoint.Proxy, "compared with the model"),
        ["/rules/*/match/provider"] = (EnforcementPoint.Proxy, "compared with the provider"),
        ["/rules/*/match/method"] = (EnforcementPoint.Proxy, "compared with the method"),
        ["/rules/*/cache/enabled"] = (EnforcementPoint.RequestHeader, "cf-aig-cache-ttl"),
        ["/rules/*/cache/ttl"] = (EnforcementPoint.RequestHeader, "cf-aig-cache-ttl"),
        ["/rules/*/cache/key"] = (EnforcementPoint.Proxy, "the proxy computes the key from these fields and sends it as cf-aig-cache-key"),
        ["/rules/*/cache/share"] = (EnforcementPoint.Proxy, "the proxy leaves the tenant in or out of cf-aig-cache-key"),
        ["/rules/*/timeout"] = (EnforcementPoint.Proxy, "time to the first byte of each attempt"),
        ["/rules/*/collect_log"] = (EnforcementPoint.RequestHeader, "cf-aig-collect-log"),
        ["/providers/*/name"] = (EnforcementPoint.Proxy, "an upstream of every request"),
        ["/providers/*/priority"] = (EnforcementPoint.Proxy, "order of attempts"),
        ["/providers/*/timeout"] = (EnforcementPoint.Proxy, "time to the first byte of an attempt at this provider"),
        ["/providers/*/model"] = (EnforcementPoint.Proxy, "asked for instead of the caller's model"),
        ["/fallback/enabled"] = (EnforcementPoint.Proxy, "whether further providers are tried"),
        ["/fallback/retry_count"] = (EnforcementPoint.Proxy, "attempts after the first"),
    };

    public static IEnumerable<Enforcement> Of(Revision revision, Merge merge) =>
        from leaf in revision.Document.Leaves
        let row = WithoutEffect(leaf, revision, merge) is { } reason ? (EnforcementPoint.Reported, reason) : RowOf(leaf)
        select new Enforcement(revision.Id, leaf.Pointer, row.Item1, row.Item2);

    /// <summary>Where a leaf is enforced, as far as its name alone decides it.</summary>
    internal static (EnforcementPoint Point, string Detail) RowOf(DocumentLeaf leaf)
    {
        if (!leaf.Pointer.StartsWith("/settings/", StringComparison.Ordinal))
            return Rows[Index().Replace(leaf.Pointer, "/*$1")];
        var field = leaf.Pointer["/settings/".Length..];
        return FieldOwnership.Of(field) == FieldOwner.ControlPlane
            ? (EnforcementPoint.GatewaySetting, field)
            : (EnforcementPoint.Reported, "Pulumi owns this field: a difference is reported, never written");
    }

    private static string? WithoutEffect(DocumentLeaf leaf, Revision revision, Merge merge)
    {
        var parts = leaf.Pointer.Split('/');
        var subject = parts[1] == "settings" ? leaf.Pointer : $"/{parts[1]}";
        if (parts[1] is "settings" or "providers" or "fallback" && merge.GiverOf(subject) is var giver && giver != revision.Id)
            return $"no effect: {giver} has the larger priority";
        if (parts is ["", "rules", var rule, "cache", not "enabled"] && revision.Document.Rules[int.Parse(rule)].Cache is { Enabled: false })
            return "no effect: cache.enabled is false";
        if (parts is ["", "fallback", "retry_count"] && merge.Fallback is { Enabled: false })
            return "no effect: fallback.enabled is false";
        if (parts is ["", "providers", var index, _] && merge.Fallback is not { Enabled: true } && revision.Document.Providers[int.Parse(index)] != merge.Providers[0])
            return "no effect: fallback is not enabled, so only the first provider is tried";
        return null;
    }

    [GeneratedRegex(@"/\d+(/|$)")]
    private static partial Regex Index();
}
