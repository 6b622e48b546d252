using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>What the pages link to, or name as a path of the repository, is there.</summary>
public sealed partial class PathsTests
{
    public static TheoryData<string> Pages =>
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "controlplane/Service/Storage/Migrations/README.md", "samples/ConsoleAgent/README.md", "samples/WebChat/README.md",
        .. from folder in new[] { "controlplane/docs", "infra/monitoring/runbooks" }
           from path in Directory.EnumerateFiles(Repository.File(folder), "*.md")
           select $"{folder}/{Path.GetFileName(path)}",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Paths_AllExist(string page)
    {
        var text = await File.ReadAllTextAsync(Repository.File(page));
        var folder = Path.GetDirectoryName(page)!;
        var links = Link().Matches(text).Select(link => link.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal)).Select(target => Path.Combine(folder, target));
        Assert.All(links.Concat(Named().Matches(text).Select(path => path.Value)), path => Assert.True(Path.Exists(Repository.File(path)), $"{page} names {path}, which is not there"));
    }

    [Fact]
    public async Task Guides_AreInReadmesTable_OnceEach()
    {
        var linked = Link().Matches(await File.ReadAllTextAsync(Repository.File("README.md"))).Select(link => link.Groups["target"].Value).Where(target => target.StartsWith("controlplane/docs/", StringComparison.Ordinal));
        Assert.Equal(Directory.EnumerateFiles(Repository.File("controlplane/docs"), "*.md").Select(path => $"controlplane/docs/{Path.GetFileName(path)}").Order(), linked.Order());
    }

    [GeneratedRegex(@"\]\((?<target>[^)#]+)\)")]
    private static partial Regex Link();

    // In backticks and without a wildcard.
    [GeneratedRegex(@"(?<=`)(controlplane|tests|infra|samples)/[A-Za-z0-9_./-]+(?=`)")]
    private static partial Regex Named();
}
