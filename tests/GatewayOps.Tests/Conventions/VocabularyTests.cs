using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Conventions;

/// <summary>One word per idea, and nothing of this or that machine in the tree.</summary>
public sealed partial class VocabularyTests
{
    private static readonly string[] ReadAsText = [".cs", ".md", ".json", ".yaml", ".yml", ".props", ".csproj", ".sln", ""];

    [Fact]
    public void TypeNames_AreNotCatchAlls()
    {
        var found = from folder in new[] { "controlplane", "infra", "samples", "tests" }
                    from file in SourceFile.Below(folder)
                    from Match match in CatchAll().Matches(file.Text)
                    select $"{file.Path}: {match.Groups["name"].Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void Sources_NameNoMachinePath()
    {
        var found = from folder in new[] { "controlplane", "infra", "samples", "tests", ".ci" }
                    from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
                    let relative = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')
                    where !Built().IsMatch(relative) && ReadAsText.Contains(Path.GetExtension(relative))
                    where MachinePath().IsMatch(File.ReadAllText(path))
                    select relative;
        Assert.Empty(found);
    }

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(?<name>\w*(?:Manager|Helpers?|Utils?|Utilities|Common|Processor|Dto|DTO))\b")]
    private static partial Regex CatchAll();

    [GeneratedRegex("(^|/)(bin|obj|node_modules|TestResults)/|packages.lock.json$")]
    private static partial Regex Built();

    // Spelled in two halves, so that this file does not find itself.
    [GeneratedRegex(@"(?<![\w.])/(?:wo" + @"rk|ro" + @"ot)/\w")]
    private static partial Regex MachinePath();
}
