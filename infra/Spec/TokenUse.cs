namespace GatewayOps.Infra.Spec;

/// <summary>What a token is for, and the least that Cloudflare must permit for it: permission groups by name. Cloudflare's dashboard says Edit where its API says Write.</summary>
public sealed record TokenUse(string Name, IReadOnlyList<string> PermissionGroups)
{
    public static IReadOnlyList<TokenUse> All { get; } =
    [
        new("run", ["AI Gateway Run"]),
        new("read", ["AI Gateway Read"]),
        // Secrets Store Write: to link a stored key to its gateway (contract, section 1).
        new("control-plane", ["AI Gateway Read", "AI Gateway Write", "Secrets Store Read", "Secrets Store Write", "Account Analytics Read"]),
    ];

    /// <summary>The group's ids by what the account has.</summary>
    /// <exception cref="InvalidOperationException">The account has no group of a name; the message lists those that it has of that product.</exception>
    public IReadOnlyList<string> Resolve(IEnumerable<(string Id, string Name)> groups)
    {
        var known = groups.ToList();
        return [.. PermissionGroups.Select(name => Find(known, name) ?? throw new InvalidOperationException(
            $"Cloudflare has no permission group \"{name}\", which tokens for {Name} need. Those of the product are: {Like(known, name)}."))];
    }

    private static string? Find(List<(string Id, string Name)> known, string name) =>
        new[] { name, name.Replace(" Write", " Edit", StringComparison.Ordinal) }.Select(wanted => known.Where(group => group.Name == wanted).Select(group => group.Id).FirstOrDefault()).FirstOrDefault(id => id is not null);

    private static string Like(List<(string Id, string Name)> known, string name)
    {
        var product = name[..name.LastIndexOf(' ')];
        var alike = known.Where(group => group.Name.StartsWith(product, StringComparison.Ordinal)).Select(group => group.Name).Order(StringComparer.Ordinal).ToList();
        return alike.Count == 0 ? "none" : string.Join(", ", alike);
    }
}
