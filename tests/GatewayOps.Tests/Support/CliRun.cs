using System.Diagnostics;
using GatewayOps.Cli;

namespace GatewayOps.Tests.Support;

/// <summary>What a run of the command line left behind.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs the command tree in this process.</summary>
    public static async Task<CliRun> InProcessAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await CommandTree.RunAsync(arguments, output, errors);
        return new CliRun(code, output.ToString(), errors.ToString());
    }

    /// <summary>Runs the built program, as a user would. Variables of the test's own environment that would steer it are taken away.</summary>
    public static async Task<CliRun> ProcessAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        using var process = Start(arguments, environment);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CliRun(process.ExitCode, await output, await errors);
    }

    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in new[] { "exec", typeof(CommandTree).Assembly.Location }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in new[] { "AUTH_TOKEN", "GATEWAYOPS_OPERATOR_TOKEN", "GATEWAYOPS_URL", "CLOUDFLARE_GATEWAY_ID" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
