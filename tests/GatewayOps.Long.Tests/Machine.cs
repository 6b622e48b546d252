namespace GatewayOps.Long.Tests;

/// <summary>The machine that a figure was measured on.</summary>
internal static class Machine
{
    /// <summary>How busy it is: processes that run or wait, as means of 1, 5 and 15 minutes, or that the system does not say so.</summary>
    public static string Load => File.Exists("/proc/loadavg") ? $"load {string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3])} of {Environment.ProcessorCount} cores" : "load unknown";
}
