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
    private readonly Process process;
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ProcessStartInfo start) => process = new Process { StartInfo = start };

    public ServerLog Log { get; } = new();
    public int Id { get; private set; }
    public Task Exited => exited.Task;

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
        process.Dispose();
    }

    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    public static void Signal(int pid, int signal) => _ = SendSignal(pid, signal);

    private void Supervise(TaskCompletionSource started)
    {
        try
        {
            process.OutputDataReceived += (_, line) => Log.Add(line.Data);
            process.ErrorDataReceived += (_, line) => Log.Add(line.Data);
            process.Start();
            Id = process.Id;
            process.StandardInput.Close();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
        catch (Win32Exception e)
        {
            started.SetException(new EmbeddedPostgresException(
                "Cannot start the PostgreSQL server", $"{process.StartInfo.FileName}: {e.Message}", "Install util-linux, which has setpriv."));
            return;
        }
        started.SetResult();
        process.WaitForExit();
        exited.SetResult();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
