namespace GatewayOps.EmbeddedPostgres;

/// <summary>Debian's own package, the last resort of root.</summary>
internal static class AptPackage
{
    /// <summary>Says how it went: "installed", or why not.</summary>
    public static async Task<string> InstallAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "needs root";
        }
        if (!File.Exists("/usr/bin/apt-get"))
        {
            return "not on this system";
        }
        progress?.Report("Installing PostgreSQL with apt-get");
        // Debian's package makes a server of its own and starts it, unless told not to before it is installed.
        Directory.CreateDirectory("/etc/postgresql-common/createcluster.d");
        await File.WriteAllTextAsync("/etc/postgresql-common/createcluster.d/gatewayops.conf", "create_main_cluster = false\n", cancellationToken);
        var updated = await Command.RunAsync(["apt-get", "update", "-q"], cancellationToken);
        if (!updated.Succeeded)
        {
            return updated.Reason;
        }
        var installed = await Command.RunAsync(
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql"], cancellationToken);
        return installed.Succeeded ? "installed" : installed.Reason;
    }
}
