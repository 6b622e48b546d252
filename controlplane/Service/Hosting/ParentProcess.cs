namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// The process that started this one, named by GATEWAYOPS_PARENT_PID. `dev` and `demo` name themselves to their children, so that nothing
/// stays behind when they are killed.
/// </summary>
public static class ParentProcess
{
    public const string Variable = "GATEWAYOPS_PARENT_PID";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>A token that is cancelled when <paramref name="stop"/> is, or once process <paramref name="pid"/> is gone. Without a pid, that of <paramref name="stop"/>.</summary>
    public static CancellationTokenSource StopWith(string? pid, TimeProvider time, CancellationToken stop)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (!string.IsNullOrEmpty(pid))
        {
            if (!int.TryParse(pid, out var id) || id <= 0)
            {
                throw new StartException($"{Variable} must be the id of a process: correct or unset it");
            }

            _ = WatchAsync(id, source, time);
        }

        return source;
    }

    private static async Task WatchAsync(int pid, CancellationTokenSource source, TimeProvider time)
    {
        try
        {
            var born = StartTime(pid);
            while (born is not null && StartTime(pid) == born)
            {
                await Task.Delay(Interval, time, source.Token);
            }

            await source.CancelAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Stopped for another reason first.
        }
    }

    /// <summary>
    /// Start time of a living process in clock ticks since boot, which tells it from a later process with its id; null when it is gone or a zombie.
    /// Source: proc(5), /proc/pid/stat, fields 3 and 22. Elsewhere than on Linux a living process answers 0.
    /// </summary>
    private static long? StartTime(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Array.Exists(System.Diagnostics.Process.GetProcesses(), process => process.Id == pid) ? 0 : null;
        }

        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The second field is the command in parentheses and may hold blanks.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
