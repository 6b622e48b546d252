using System.Diagnostics;
using System.Xml.Linq;
using GatewayOps.Tests.Checklist;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Checklist;

/// <summary>How many tests of a run passed and failed.</summary>
internal sealed record TestCounts(int Passed, int Failed);

/// <summary>A copy of the sources, in which a mutation can be made. Built once, with every test of the table green, and then again where a mutation is.</summary>
public sealed class MutatedTree : IAsyncLifetime, IDisposable
{
    private const string Project = "tests/GatewayOps.Tests";

    // A build server or node that outlives its build would hold our end of the pipe. Warnings are for the sources as they are.
    private static readonly string[] BuildOptions = ["-v", "q", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"];

    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync()
    {
        var (_, listed) = await RunAsync(Repository.Root, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z");
        foreach (var path in listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(path => File.Exists(Repository.File(path))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
            File.Copy(Repository.File(path), _folder[path]);
        }

        await BuildAsync();
        var whole = await TestAsync(Mutation.All);
        Assert.True(whole is { Failed: 0 } && whole.Passed >= Mutation.All.Count, $"without a mutation: {whole}");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>What its test says of the mutation, which is taken back.</summary>
    internal async Task<TestCounts> TestAsync(Mutation mutation)
    {
        var source = await File.ReadAllTextAsync(_folder[mutation.File]);
        await File.WriteAllTextAsync(_folder[mutation.File], source.Replace(mutation.Text, mutation.Replacement));
        try
        {
            await BuildAsync();
            return await TestAsync([mutation]);
        }
        finally
        {
            await File.WriteAllTextAsync(_folder[mutation.File], source);
        }
    }

    private async Task BuildAsync()
    {
        var (code, said) = await RunAsync(_folder.Path, "dotnet", ["build", Project, .. BuildOptions]);
        Assert.True(code == 0, said);
    }

    private async Task<TestCounts> TestAsync(IReadOnlyList<Mutation> mutations)
    {
        var results = Directory.CreateDirectory(_folder[Path.GetRandomFileName()]).FullName;
        var filter = string.Join('|', mutations.Select(mutation => $"FullyQualifiedName={mutation.FullTestName}").Distinct());
        var (_, said) = await RunAsync(_folder.Path, "dotnet", "test", Project, "--no-build", "--nologo", "--filter", filter, "--logger", "trx;LogFileName=tests.trx", "--results-directory", results);
        var file = Path.Combine(results, "tests.trx");
        var counters = File.Exists(file) ? XDocument.Load(file).Descendants().Single(element => element.Name.LocalName == "Counters") : null;
        Assert.True(counters is not null, said);
        return new TestCounts((int)counters.Attribute("passed")!, (int)counters.Attribute("failed")!);
    }

    private static async Task<(int Code, string Said)> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false };
        // What the run of these tests set for itself, or was told, is not for the run within.
        foreach (var name in start.Environment.Keys.Where(name => Array.Exists(["MSBUILD", "VSTEST", "GATEWAYOPS_UPDATE"], prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
