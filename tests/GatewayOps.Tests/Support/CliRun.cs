using System.Diagnostics;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Tests.Support;

/// <summary>What a run of the command line left behind.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs the command tree in this process. Of the environment it sees nothing that would steer it.</summary>
    public static Task<CliRun> InProcessAsync(params string[] arguments) => InAsync(new Dictionary<string, string>(), arguments);

    /// <summary>As <see cref="InProcessAsync"/>, beside a service.</summary>
    public static Task<CliRun> AgainstAsync(Uri service, params string[] arguments) =>
        InAsync(new Dictionary<string, string> { ["GATEWAYOPS_URL"] = service.ToString(), ["GATEWAYOPS_OPERATOR_TOKEN"] = TestService.OperatorToken }, arguments);

    /// <summary>As <see cref="InProcessAsync"/>, with these variables and in a folder.</summary>
    public static async Task<CliRun> InAsync(IReadOnlyDictionary<string, string> variables, string[] arguments, string? folder = null, bool colours = false, Terminal? terminal = null)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await CommandTree.RunAsync(arguments, output, errors, new Surroundings(variables, folder ?? AppContext.BaseDirectory), colours, terminal ?? Piped(""));
        return new CliRun(code, output.ToString(), errors.ToString());
    }

    /// <summary>A pipe with this in it, and another at the other end.</summary>
    public static Terminal Piped(string text) => new(new StringReader(text), Key: null, IsTyped: false, IsSeen: false);

    /// <summary>Runs the built program, as a user would. Variables of the test's own environment that would steer it are taken away.</summary>
    public static async Task<CliRun> ProcessAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? input = null, string? folder = null)
    {
        using var process = Start(arguments, environment, folder);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.EndAsync();
        return new CliRun(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts the built program in <paramref name="folder"/>, or in the tests' own.</summary>
    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in new[] { "exec", typeof(CommandTree).Assembly.Location }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(Steers).ToList())
        {
            start.Environment.Remove(name);
        }

        // The developer's own contexts lie in the home folder.
        start.Environment["GATEWAYOPS_CONFIG"] = Path.Combine(AppContext.BaseDirectory, "no-contexts.json");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // Where PostgreSQL's binaries are is the machine's business; everything else would be the developer's own set-up.
    private static bool Steers(string name) =>
        name is "AUTH_TOKEN" || (name.StartsWith("GATEWAYOPS_", StringComparison.Ordinal) && name != "GATEWAYOPS_PG_BIN")
        || Array.Exists(["CLOUDFLARE_", "GatewayOps__", "ConnectionStrings__", "ASPNETCORE_"], prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
