using System.Xml.Linq;
using GatewayOps.Tests.Checklist;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Checklist;

/// <summary>How many tests of a run passed and failed, and what the first that failed says.</summary>
internal sealed record TestCounts(int Passed, int Failed, string? Said);

/// <summary>
/// The default tests as they were built with these, in a folder of their own where one assembly at a time is replaced by its mutant. What else was compiled keeps the constants that it had, as the
/// users of a package do. Each test of the table is green before the first mutation, with assemblies that were compiled in the same way: what turns red is by the mutation.
/// </summary>
public sealed class MutatedTests : IAsyncLifetime, IDisposable
{
    private const string Project = "tests/GatewayOps.Tests";

    // Within the repository, whose files the tests look for upwards of themselves.
    private readonly string _tests = Repository.File($"{Project}/bin/mutated-{Path.GetRandomFileName()}");
    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync()
    {
        var built = SideBuild.OutputOf(Project);
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_tests, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        foreach (var project in Mutation.All.Select(ProjectOf).Distinct())
        {
            var sound = await CompileAsync(project, Directory.CreateDirectory(_folder[project]).FullName, []);
            File.Copy(sound, Path.Combine(_tests, Path.GetFileName(sound)), overwrite: true);
        }

        var whole = await RunAsync(Mutation.All);
        Assert.True(whole is { Failed: 0 } && whole.Passed >= Mutation.All.Count, $"without a mutation: {whole}");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _folder.Dispose();
        if (Directory.Exists(_tests))
        {
            Directory.Delete(_tests, recursive: true);
        }
    }

    /// <summary>What its test says of the mutation, which is taken back.</summary>
    internal async Task<TestCounts> TestAsync(Mutation mutation)
    {
        var folder = Directory.CreateDirectory(_folder[mutation.Id]).FullName;
        var source = Path.Combine(folder, Path.GetFileName(mutation.File));
        await File.WriteAllTextAsync(source, (await File.ReadAllTextAsync(Repository.File(mutation.File))).Replace(mutation.Text, mutation.Replacement));
        var mutant = await CompileAsync(ProjectOf(mutation), folder, [new("Compile", new XAttribute("Remove", Repository.File(mutation.File))), new("Compile", new XAttribute("Include", source))]);

        var replaced = Path.Combine(_tests, Path.GetFileName(mutant));
        var sound = await File.ReadAllBytesAsync(replaced);
        File.Copy(mutant, replaced, overwrite: true);
        try
        {
            return await RunAsync([mutation]);
        }
        finally
        {
            await File.WriteAllBytesAsync(replaced, sound);
        }
    }

    // controlplane/Client, of controlplane/Client/Wire/RetryRule.cs.
    private static string ProjectOf(Mutation mutation) => string.Join('/', mutation.File.Split('/')[..2]);

    // Warnings are for the sources as they are.
    private static async Task<string> CompileAsync(string project, string folder, IEnumerable<XElement> items)
    {
        var (code, said) = await SideBuild.CompileAsync(project, folder, items, "-p:TreatWarningsAsErrors=false");
        Assert.True(code == 0, said);
        return Directory.EnumerateFiles(Path.Combine(folder, "obj"), "*.dll").Single();
    }

    private async Task<TestCounts> RunAsync(IReadOnlyList<Mutation> mutations)
    {
        var results = Directory.CreateDirectory(_folder[Path.GetRandomFileName()]).FullName;
        var filter = string.Join('|', mutations.Select(mutation => $"FullyQualifiedName={mutation.FullTestName}").Distinct());
        var (_, said) = await SideBuild.RunAsync("dotnet", "test", Path.Combine(_tests, "GatewayOps.Tests.dll"), "--filter", filter, "--logger", "trx;LogFileName=tests.trx", "--results-directory", results);
        var file = Path.Combine(results, "tests.trx");
        Assert.True(File.Exists(file), said);
        var run = XDocument.Load(file).Descendants().ToList();
        var counters = run.Single(element => element.Name.LocalName == "Counters");
        return new TestCounts((int)counters.Attribute("passed")!, (int)counters.Attribute("failed")!, run.Find(element => element.Name.LocalName == "Message")?.Value.ReplaceLineEndings(" ").Trim());
    }
}
