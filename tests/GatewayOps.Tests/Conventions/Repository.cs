using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Conventions;

/// <summary>The checkout that the tests run from, read as text.</summary>
internal static partial class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>C# sources below a folder of the checkout, without what the build makes and without generated migrations.</summary>
    public static IEnumerable<SourceFile> Sources(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)))
        .Where(file => !Generated().IsMatch(file.Path));

    public static IEnumerable<string> Projects() => Directory
        .EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(path => !Generated().IsMatch(path));

    [GeneratedRegex("(^|/)(bin|obj|Migrations|node_modules|TestResults)/")]
    private static partial Regex Generated();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GatewayOps.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("GatewayOps.sln is not above the test assembly: run the tests from a checkout.");
    }
}

internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>Namespaces of ours that the file opens or spells out.</summary>
    public IReadOnlySet<string> References => Ours().Matches(Text).Select(match => match.Groups["name"].Value).ToHashSet();

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?<name>GatewayOps(?:\.\w+)+)", RegexOptions.Multiline)]
    private static partial Regex Ours();
}
