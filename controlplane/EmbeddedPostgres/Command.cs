using System.ComponentModel;
using System.Diagnostics;

namespace GatewayOps.EmbeddedPostgres;

/// <summary>What a command that ran to its end said. <see cref="ExitCode"/> is 127 where there is no such command, as in a shell.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last lines of what it said, errors first: the reason of a failure, short enough for a message.</summary>
    public string Reason
    {
        get
        {
            var text = Errors.Trim().Length > 0 ? Errors : Output;
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.Length == 0 ? $"exit code {ExitCode}" : string.Join(" | ", lines.TakeLast(4));
        }
    }
}

/// <summary>Runs a command to its end and keeps what it said.</summary>
internal static class Command
{
    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        Process process;
        try
        {
            process = Process.Start(StartInfo(words))!;
        }
        catch (Win32Exception e)
        {
            return new CommandResult(127, "", $"{words[0]}: {e.Message}");
        }
        using (process)
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.WaitForExitAsync(cancellationToken);
                return new CommandResult(process.ExitCode, await output, await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }

    public static ProcessStartInfo StartInfo(IReadOnlyList<string> words)
    {
        var info = new ProcessStartInfo(words[0], words.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The current folder of the caller may be closed to the user whom the command runs as.
            WorkingDirectory = "/",
        };
        info.Environment["LC_ALL"] = "C";
        return info;
    }
}
