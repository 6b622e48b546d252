using System.Diagnostics;

namespace GatewayOps.ControlPlane;

/// <summary>
/// Places where a test may kill the process, to prove that a restart heals what was half done. Armed by the setting `GatewayOps:FaultPoint`
/// (environment GATEWAYOPS_FAULT_POINT): `name`, or `name:n` for the n-th time. Not armed, a point costs one comparison.
/// </summary>
public static class FaultPoints
{
    private static string? _name;
    private static int _remaining;

    /// <summary>Called once at start-up. A process has one fault point: a later host of the same process does not disarm it.</summary>
    internal static void Arm(string? setting)
    {
        if (string.IsNullOrEmpty(setting))
        {
            return;
        }

        var parts = setting.Split(':', 2);
        _remaining = parts.Length == 1 ? 1
            : int.TryParse(parts[1], out var times) && times > 0 ? times
            : throw new Hosting.StartException("GatewayOps:FaultPoint (GATEWAYOPS_FAULT_POINT) must be a name, or name:n with n from 1 up: correct or unset it");
        _name = parts[0];
    }

    /// <summary>Ends the process with SIGKILL when this point is the armed one: no finally, no flush, no goodbye.</summary>
    public static void Reach(string name)
    {
        if (name == _name && Interlocked.Decrement(ref _remaining) == 0)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
            Environment.FailFast($"fault point {name}"); // Kill is delivered asynchronously: nothing may run after the point
        }
    }
}
