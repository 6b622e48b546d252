using System.Diagnostics;
using GatewayOps.Tests.Support;

namespace GatewayOps.Monitoring.Tests;

/// <summary>A program of Debian's package prometheus. These tests are run where it is wanted, so its absence is a failure that says what to install.</summary>
internal static class Tool
{
    public static string Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"There is no `{name}` in PATH: apt-get install prometheus");

    /// <summary>Runs it to its end; both outputs together.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.EndAsync();
        return (process.ExitCode, await output + await errors);
    }
}
