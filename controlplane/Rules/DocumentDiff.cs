using System.Text.Json;

namespace GatewayOps.Rules;

public enum DocumentChangeKind
{
    Added,
    Removed,
    Changed,
}

/// <summary>One difference. <paramref name="Pointer"/> is into the newer document, or into the older one for what was removed; values are canonical JSON.</summary>
public sealed record DocumentChange(DocumentChangeKind Kind, string Pointer, string? From, string? To);

/// <summary>
/// What differs in meaning between two documents. Rules are paired by name, unnamed ones by pattern and match, providers by name and model, routes and policies by
/// name, the elements of a route by id, custom providers by slug: moving one is no change, because order means nothing in these lists.
/// </summary>
public static class DocumentDiff
{
    /// <summary>In the order of the newer document, removals last.</summary>
    public static IReadOnlyList<DocumentChange> Between(RuleSet older, RuleSet newer)
    {
        var before = Identified(older);
        var after = Identified(newer);
        var kept = after.SelectMany(entry => before.TryGetValue(entry.Key, out var was)
            ? was.Value == entry.Value.Value ? [] : new[] { new DocumentChange(DocumentChangeKind.Changed, entry.Value.Pointer, was.Value, entry.Value.Value) }
            : [new DocumentChange(DocumentChangeKind.Added, entry.Value.Pointer, null, entry.Value.Value)]);
        var removed = before.Where(entry => !after.ContainsKey(entry.Key))
            .Select(entry => new DocumentChange(DocumentChangeKind.Removed, entry.Value.Pointer, entry.Value.Value, null));
        return [.. kept, .. removed];
    }

    // The pointer with list indices replaced by what the element is known by. Insertion order is kept, and it is the order of the document.
    private static OrderedDictionary<string, DocumentLeaf> Identified(RuleSet document)
    {
        var leaves = new OrderedDictionary<string, DocumentLeaf>();
        foreach (var leaf in document.Leaves)
            leaves.Add(IdentityOf(leaf.Pointer, document), leaf);
        return leaves;
    }

    private static string IdentityOf(string pointer, RuleSet document) => pointer.Split('/') switch
    {
        ["", "rules", var index, .. var rest] => Join("rules", IdentityOf(document.Rules[int.Parse(index)]), rest),
        ["", "providers", var index, .. var rest] => Join("providers", IdentityOf(document.Providers[int.Parse(index)]), rest),
        ["", "routes", var index, "elements", var element, .. var rest] => Join("routes", document.Routes[int.Parse(index)].Name, ["elements", IdOf(document.Routes[int.Parse(index)], int.Parse(element)), .. rest]),
        ["", "routes", var index, .. var rest] => Join("routes", document.Routes[int.Parse(index)].Name, rest),
        ["", "policies", var index, .. var rest] => Join("policies", document.Policies[int.Parse(index)].Name, rest),
        ["", "custom_providers", var index, .. var rest] => Join("custom_providers", document.CustomProviders[int.Parse(index)].Slug, rest),
        _ => pointer,
    };

    private static string IdentityOf(Rule rule) => rule.Name ?? JsonSerializer.Serialize(new object?[]
    {
        rule.Pattern, rule.Match?.Model, rule.Match?.Provider, rule.Match?.Method, rule.Match?.Key, Sorted(rule.Match?.Metadata), Sorted(rule.Match?.Header),
    });

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? conditions) => new((conditions ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal);

    private static string IdOf(DynamicRoute route, int element) => (string)route.Elements![element]!["id"]!;

    private static string IdentityOf(ProviderEntry provider) => JsonSerializer.Serialize(new[] { provider.Name, provider.Model });

    private static string Join(string list, string identity, string[] rest) => string.Join('\n', [list, identity, .. rest]);
}
