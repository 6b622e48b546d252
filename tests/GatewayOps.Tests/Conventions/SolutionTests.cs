using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Conventions;

/// <summary>GatewayOps.sln holds every project; those whose packages are not in every registry are listed but not built.</summary>
public sealed partial class SolutionTests
{
    /// <summary>Projects on packages that some registries lack: in the solution, without Build.0 lines.</summary>
    private static readonly string[] NotBuilt = ["infra/", "tests/GatewayOps.Infra.Tests/", "tests/GatewayOps.Container.Tests/"];

    private static readonly string Text = File.ReadAllText(Repository.File("GatewayOps.sln"));

    [Fact]
    public void Solution_HasTheClassicFormat() => Assert.StartsWith("Microsoft Visual Studio Solution File, Format Version 12.00", Text.TrimStart('\uFEFF', '\r', '\n'), StringComparison.Ordinal);

    [Fact]
    public void Solution_HoldsEveryProject() => Assert.Equal(Projects().Order(), Entries().Select(entry => entry.Path).Order());

    [Fact]
    public void Solution_BuildsAll_ButTheProjectsOnMissingPackages()
    {
        foreach (var (path, id) in Entries())
        {
            var built = Text.Contains($"{{{id}}}.Debug|Any CPU.Build.0", StringComparison.OrdinalIgnoreCase);
            Assert.True(built == !NotBuilt.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)), $"{path} is {(built ? "built" : "not built")}");
        }
    }

    private static IEnumerable<string> Projects() => Directory
        .EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
        .Where(path => !path.Contains("/bin/") && !path.Contains("/obj/"));

    private static IEnumerable<(string Path, string Id)> Entries() =>
        Entry().Matches(Text).Select(match => (match.Groups["path"].Value.Replace('\\', '/'), match.Groups["id"].Value));

    [GeneratedRegex("""^Project\("\{[^}]+\}"\) = "[^"]+", "(?<path>[^"]+\.csproj)", "\{(?<id>[^}]+)\}""", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
