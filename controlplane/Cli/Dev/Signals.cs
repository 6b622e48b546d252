using System.Runtime.InteropServices;

namespace GatewayOps.Cli.Dev;

/// <summary>SIGTERM, which .NET cannot send: it lets a child stop cleanly.</summary>
internal static partial class Signals
{
    private const int Sigterm = 15;

    public static void Terminate(int processId) => _ = Kill(processId, Sigterm);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
