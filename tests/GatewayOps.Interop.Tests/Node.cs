using System.Diagnostics;
using System.Security.Cryptography;

namespace GatewayOps.Interop.Tests;

/// <summary>What a program that ended has said.</summary>
internal sealed record ProgramOutput(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>node, and the packages of package-lock.json beside the scripts: installed once for a build output, whoever comes first.</summary>
internal static class Node
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "npm");
    private static readonly Lazy<Task> Packages = new(InstallAsync);

    /// <summary>Why no script can run; null where node and npm are installed.</summary>
    public static string? Missing { get; } = OnPath("node") && OnPath("npm") ? null : "node and npm are not installed";

    /// <summary>Runs scripts/{script}.mjs with nothing in its environment but PATH, a home of its own and these variables.</summary>
    public static async Task<ProgramOutput> RunScriptAsync(string script, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        await RunAsync("node", [Path.Combine("scripts", $"{script}.mjs"), .. arguments], environment);

    /// <summary>Runs a script, which must come to its end: one that ends early without an error has not said `done`.</summary>
    public static async Task CompletesAsync(string script, IReadOnlyDictionary<string, string> environment)
    {
        var output = await RunScriptAsync(script, environment);
        Assert.True(output is { ExitCode: 0 } && output.Output.TrimEnd().EndsWith("done", StringComparison.Ordinal), $"{script}: {output}");
    }

    /// <summary>Runs the program that a package brings.</summary>
    public static async Task<ProgramOutput> RunPackageAsync(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        await RunAsync(Path.Combine(Folder, "node_modules", ".bin", program), arguments, environment);

    private static async Task<ProgramOutput> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        await Packages.Value;
        return await StartAsync(program, arguments, environment);
    }

    // The stamp names the lock file that node_modules was made from. Another process may be at it: the lock file of the folder makes one wait for the other.
    private static async Task InstallAsync()
    {
        var lockText = await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"));
        var wanted = Convert.ToHexStringLower(SHA256.HashData(lockText));
        var stamp = Path.Combine(Folder, "installed");
        await using var turn = await TakeTurnAsync(Path.Combine(Folder, "installing"));
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
            return;
        // No package runs a script of its own, and none is newer than the lock file says.
        var output = await StartAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], new Dictionary<string, string>(), ownHome: false);
        Assert.True(output.ExitCode == 0, $"npm ci: {output}");
        await File.WriteAllTextAsync(stamp, wanted);
    }

    private static async Task<FileStream> TakeTurnAsync(string path)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100, patience.Token);
            }
        }
    }

    private static async Task<ProgramOutput> StartAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, bool ownHome = true)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (ownHome)
        {
            var path = Environment.GetEnvironmentVariable("PATH");
            start.Environment.Clear();
            start.Environment["PATH"] = path;
            // wrangler keeps settings and logs below it.
            start.Environment["HOME"] = Directory.CreateDirectory(Path.Combine(Folder, "home")).FullName;
            start.Environment["NO_COLOR"] = "1";
            start.Environment["CI"] = "true";
        }
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return new ProgramOutput(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, $"{program}.exe")) || File.Exists(Path.Combine(folder, $"{program}.cmd")));
}
