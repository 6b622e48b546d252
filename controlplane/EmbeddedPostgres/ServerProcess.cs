using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GatewayOps.EmbeddedPostgres;

/// <summary>The running postmaster.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>Signals as postmaster reads them: a fast shutdown rolls back and writes a checkpoint, an immediate one needs recovery at the next start.</summary>
    public const int FastShutdown = 2, ImmediateShutdown = 3, Kill = 9;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly Process _process;
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ProcessStartInfo start) => _process = new Process { StartInfo = start };

    public ServerLog Log { get; } = new();
    public int Id { get; private set; }
    public Task Exited => _exited.Task;

    public static async Task<ServerProcess> StartAsync(IReadOnlyList<string> words)
    {
        var server = new ServerProcess(Command.StartInfo(words));
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // The kernel's parent-death signal follows the thread that forked, not the process: a pool thread that retires would stop the server.
        // So a thread of its own forks it and lives as long as it.
        new Thread(() => server.Supervise(started)) { IsBackground = true, Name = "postgres" }.Start();
        await started.Task;
        return server;
    }

    public async Task StopAsync(int signal)
    {
        Signal(Id, signal);
        try
        {
            await Exited.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Signal(Id, Kill);
            await Exited;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            await StopAsync(ImmediateShutdown);
        }
        _process.Dispose();
    }

    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    public static void Signal(int pid, int signal) => _ = SendSignal(pid, signal);

    private void Supervise(TaskCompletionSource started)
    {
        try
        {
            _process.OutputDataReceived += (_, line) => Log.Add(line.Data);
            _process.ErrorDataReceived += (_, line) => Log.Add(line.Data);
            _process.Start();
            Id = _process.Id;
            _process.StandardInput.Close();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
        catch (Win32Exception e)
        {
            started.SetException(new EmbeddedPostgresException(
                "Cannot start the PostgreSQL server", $"{_process.StartInfo.FileName}: {e.Message}", "Install util-linux, which has setpriv."));
            return;
        }
        started.SetResult();
        _process.WaitForExit();
        _exited.SetResult();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
