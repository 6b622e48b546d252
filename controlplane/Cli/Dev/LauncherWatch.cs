using System.Globalization;

namespace GatewayOps.Cli.Dev;

/// <summary>
/// Under `dotnet run` the signal that ends the launcher with kill -9 never reaches us. When our parent is the `dotnet` launcher and is
/// gone, we stop. A shell that ends (nohup, setsid) is no reason to stop, so nothing is watched then.
/// </summary>
internal sealed class LauncherWatch : IDisposable
{
    private readonly Timer _timer;

    private LauncherWatch(int launcher, CancellationTokenSource stop) => _timer = new Timer(
        _ =>
        {
            if (Parent() != launcher)
            {
                stop.Cancel();
            }
        },
        state: null,
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(1));

    public static LauncherWatch? Start(CancellationTokenSource stop) =>
        OperatingSystem.IsLinux() && Parent() is { } parent && NameOf(parent) == "dotnet" ? new LauncherWatch(parent, stop) : null;

    public void Dispose() => _timer.Dispose();

    private static int? Parent()
    {
        // pid (name) state ppid ...; the name may hold spaces and parentheses, so read from the last ')'.
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent) ? parent : null;
    }

    private static string? NameOf(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/comm").Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
