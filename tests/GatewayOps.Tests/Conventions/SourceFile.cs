using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Conventions;

/// <summary>A C# source of the checkout, read as text.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>Namespaces of ours that the file opens or spells out.</summary>
    public IReadOnlySet<string> References => Ours().Matches(Text).Select(match => match.Groups["name"].Value).ToHashSet();

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?<name>GatewayOps(?:\.\w+)+)", RegexOptions.Multiline)]
    private static partial Regex Ours();

    /// <summary>The sources below a folder, without what the build makes and without generated migrations.</summary>
    public static IEnumerable<SourceFile> Below(string folder) => Directory
        .EnumerateFiles(Repository.File(folder), "*.cs", SearchOption.AllDirectories)
        .Select(path => System.IO.Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
        .Where(path => !Generated().IsMatch(path))
        .Select(path => new SourceFile(path, File.ReadAllText(Repository.File(path))));

    [GeneratedRegex("(^|/)(bin|obj|Migrations|node_modules|TestResults)/")]
    private static partial Regex Generated();
}
