using System.Text.RegularExpressions;
using GatewayOps.Tests.Conventions;

namespace GatewayOps.Tests.Checklist;

/// <summary>
/// A test that says which feature it proves: `Trait("checklist", "S1-26")` beside its Fact or Theory, or at its class for all tests of it. Read from the sources, because not every test project is built
/// everywhere.
/// </summary>
/// <param name="Method">Null where the whole class carries the id.</param>
internal sealed partial record LinkedTest(string Id, string Project, string Class, string? Method)
{
    public const string Trait = "checklist";

    public static IReadOnlyList<LinkedTest> All { get; } = [.. SourceFile.Below("tests").SelectMany(file => In(file.Path, file.Text))];

    /// <summary>What `--filter FullyQualifiedName=` takes; of a class, what each of its tests begins with.</summary>
    public string FullName => Method is null ? Class : $"{Class}.{Method}";

    /// <summary>The links of a source, in their order. Throws <see cref="FormatException"/> for one that belongs to no test, or to one that is left out: it would prove nothing.</summary>
    public static IEnumerable<LinkedTest> In(string path, string source)
    {
        var project = path.Split('/')[1];
        var (space, type, attributes) = ("", "", new List<string>());
        foreach (var line in source.Split('\n'))
        {
            if (line.TrimStart().StartsWith('[') && line.TrimEnd().EndsWith(']'))
            {
                attributes.Add(line);
            }
            else if (NamespaceLine().Match(line) is { Success: true } named)
            {
                space = named.Groups["name"].Value;
            }
            else if (ClassLine().Match(line) is { Success: true } declared)
            {
                type = $"{space}.{declared.Groups["name"].Value}";
                foreach (var id in IdsOf(attributes)) yield return new(id, project, type, Method: null);
                attributes.Clear();
            }
            else if (MemberLine().Match(line) is { Success: true } method)
            {
                var ids = IdsOf(attributes).ToList();
                if (ids.Count > 0 && !attributes.Exists(attribute => TestAttribute().IsMatch(attribute))) throw new FormatException($"{path}: {method.Groups["name"].Value} carries {ids[0]} and is no test");
                if (ids.Count > 0 && attributes.Exists(attribute => attribute.Contains("Skip =", StringComparison.Ordinal))) throw new FormatException($"{path}: {method.Groups["name"].Value} carries {ids[0]} and is skipped");
                foreach (var id in ids) yield return new(id, project, type, method.Groups["name"].Value);
                attributes.Clear();
            }
        }

        if (IdsOf(attributes).FirstOrDefault() is { } lost) throw new FormatException($"{path}: {lost} belongs to no test");
    }

    private static IEnumerable<string> IdsOf(IEnumerable<string> attributes) => attributes.SelectMany(line => LinkAttribute().Matches(line)).Select(link => link.Groups["id"].Value);

    [GeneratedRegex(@"\bTrait\(""checklist"", ""(?<id>[^""]*)""\)")]
    private static partial Regex LinkAttribute();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);")]
    private static partial Regex NamespaceLine();

    // Those of a file; types within a type hold no tests.
    [GeneratedRegex(@"^(?:public |internal )(?:abstract |sealed |static |partial )*class (?<name>\w+)")]
    private static partial Regex ClassLine();

    [GeneratedRegex(@"^    public [^=;]*?\b(?<name>\w+)\(")]
    private static partial Regex MemberLine();

    [GeneratedRegex(@"\[\w*(?:Fact|Theory)\b")]
    private static partial Regex TestAttribute();
}
