using System.Globalization;

namespace GatewayOps.EmbeddedPostgres;

/// <summary>
/// Server processes that outlived the process that started them. Every process of a server works in its cluster's folder, and /proc shows that; a process id in a
/// file may belong to somebody else by now.
/// </summary>
internal static class Survivors
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Stops them, first the postmaster in order, then by force. The caller holds the folder's lock, so none of them has a parent of ours.</summary>
    public static async Task StopAsync(string cluster, CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        if (!File.Exists(pidFile))
        {
            return;
        }
        _ = int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var postmaster);
        var started = TimeProvider.System.GetTimestamp();
        var told = false;
        while (In(cluster) is { Count: > 0 } running)
        {
            var late = TimeProvider.System.GetElapsedTime(started) > Patience;
            if (TimeProvider.System.GetElapsedTime(started) > 2 * Patience)
            {
                throw new EmbeddedPostgresException(
                    $"A server that was left running in {cluster} does not end", $"kill -9 had no effect on process {string.Join(", ", running)}", "End it by hand, or give another data folder.");
            }
            if (late || !running.Contains(postmaster))
            {
                running.ForEach(pid => ServerProcess.Signal(pid, ServerProcess.Kill));
            }
            else if (!told)
            {
                ServerProcess.Signal(postmaster, ServerProcess.FastShutdown);
                told = true;
            }
            await Task.Delay(Pause, cancellationToken);
        }
        // A pid file whose process is dead is left to the server, which also clears the shared memory that it names. But a process id that was
        // given to somebody else since, or a zombie that nobody reaps, would make the server refuse to start.
        if (File.Exists(pidFile) && Directory.Exists($"/proc/{postmaster}"))
        {
            File.Delete(pidFile);
        }
    }

    private static List<int> In(string cluster)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && WorksIn(process) == cluster)
            {
                found.Add(pid);
            }
        }
        return found;
    }

    private static string? WorksIn(string process)
    {
        try
        {
            return new DirectoryInfo(Path.Combine(process, "cwd")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // ended meanwhile, or another user's
        }
    }
}
