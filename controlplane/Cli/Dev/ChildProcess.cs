using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace GatewayOps.Cli.Dev;

/// <summary>
/// A verb of this program run as a process of its own. Its output goes to a log file, of which the tail is kept for errors.
/// It ends with us: it watches our process id, so that not even kill -9 leaves it running.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int TailLines = 20;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Queue<string> _tail = new();
    private readonly Lock _gate = new();

    private ChildProcess(string name, Process process, string logFile)
    {
        Name = name;
        _process = process;
        LogFile = logFile;
        _log = new StreamWriter(logFile, append: false) { AutoFlush = true };
    }

    public string Name { get; }
    public string LogFile { get; }
    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public Task Exited => _process.WaitForExitAsync(CancellationToken.None);

    /// <summary>Starts `gatewayops <paramref name="verb"/>`. Secrets travel in <paramref name="environment"/>, never in the arguments.</summary>
    public static ChildProcess Start(string verb, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string logFolder)
    {
        var (file, first) = Program();
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in first.Append(verb).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in environment)
        {
            // Settings have no case, variables do: what the caller gives replaces every spelling of it.
            foreach (var spelling in start.Environment.Keys.Where(name => name.Equals(key, StringComparison.OrdinalIgnoreCase)).ToList())
            {
                start.Environment.Remove(spelling);
            }

            start.Environment[key] = value;
        }

        start.Environment["GATEWAYOPS_PARENT_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Directory.CreateDirectory(logFolder);
        try
        {
            var child = new ChildProcess(verb, Process.Start(start)!, Path.Combine(logFolder, $"{verb}.log"));
            child._process.OutputDataReceived += (_, line) => child.Keep(line.Data);
            child._process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
            child._process.BeginOutputReadLine();
            child._process.BeginErrorReadLine();
            child._process.StandardInput.Close();
            return child;
        }
        catch (Win32Exception e)
        {
            throw new CliException($"`gatewayops {verb}` could not be started: {e.Message}", "check that this installation is whole: gatewayops --version");
        }
    }

    /// <summary>The last lines of the child's output, for an error message.</summary>
    public string Tail()
    {
        lock (_gate)
        {
            return string.Join('\n', _tail);
        }
    }

    /// <summary>Asks the child to stop and waits; a child that does not is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Terminate(_process.Id);
            using var grace = new CancellationTokenSource(Grace);
            try
            {
                await _process.WaitForExitAsync(grace.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
        lock (_gate)
        {
            _log.Dispose();
        }
    }

    // This program as it was started: by its own name, also as a .NET tool, whose command lies elsewhere than its assembly. Otherwise (tests, `dotnet gatewayops.dll`) the host beside the assembly, or dotnet.
    private static (string File, IEnumerable<string> First) Program()
    {
        var assembly = typeof(ChildProcess).Assembly.Location;
        var host = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        return Environment.ProcessPath is { } own && Path.GetFileName(own) == Path.GetFileName(host) ? (own, [])
            : File.Exists(host) ? (host, [])
            : ("dotnet", ["exec", assembly]);
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLines)
            {
                _tail.Dequeue();
            }

            if (_log.BaseStream is { CanWrite: true })
            {
                _log.WriteLine(line);
            }
        }
    }
}
