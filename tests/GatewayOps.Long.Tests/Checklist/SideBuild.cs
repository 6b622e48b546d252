using System.Diagnostics;
using System.Xml.Linq;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Checklist;

/// <summary>Programs of the SDK on projects of the repository, whose sources and outputs stay as they are.</summary>
internal static class SideBuild
{
    // …/tests/GatewayOps.Long.Tests/bin/Debug/net10.0/
    private static readonly string[] Own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);

    // A node that outlives its build would hold our end of the pipe. The compiler's server does not: it has pipes of its own.
    private static readonly string[] Options = ["-t:PrepareResources;Compile", "-v:q", "-nologo", "-nodeReuse:false", "-p:RunAnalyzers=false", "-p:BuildProjectReferences=false", $"-p:Configuration={Own[^2]}"];

    /// <summary>What a project was built to, as these tests were.</summary>
    public static string OutputOf(string project) => Repository.File($"{project}/bin/{Own[^2]}/{Own[^1]}");

    /// <summary>Compiles one project against what the others were built to, and leaves its assembly in <paramref name="folder"/>/obj.</summary>
    /// <param name="project">Its folder, from the root of the repository.</param>
    /// <param name="folder">Empty, and elsewhere.</param>
    /// <param name="items">What is compiled besides or in the place of its own sources: elements of an ItemGroup.</param>
    /// <param name="options">More of MSBuild's.</param>
    /// <returns>MSBuild's exit code and what it said.</returns>
    public static Task<(int Code, string Said)> CompileAsync(string project, string folder, IEnumerable<XElement> items, params string[] options)
    {
        var file = Directory.EnumerateFiles(Repository.File(project), "*.csproj").Single();
        // Given to the whole build: the projects that this one knows are asked where their outputs are.
        var onlyHere = new XAttribute("Condition", $"'$(MSBuildProjectName)' == '{Path.GetFileNameWithoutExtension(file)}'");
        var targets = Path.Combine(folder, "side.targets");
        new XElement("Project",
            new XElement("PropertyGroup", onlyHere, new XElement("IntermediateOutputPath", $"{Path.Combine(folder, "obj")}/")),
            new XElement("ItemGroup", onlyHere, items)).Save(targets);
        return RunAsync("dotnet", ["msbuild", file, .. Options, $"-p:CustomBeforeMicrosoftCommonTargets={targets}", .. options]);
    }

    /// <summary>Runs a program in the repository, without what the run of these tests set for itself.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, UseShellExecute = false };
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
