using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GatewayOps.Tests.Support;

/// <summary>
/// One private server per test process, started when the first test asks for a database, with a migrated template from which each test's database is copied.
/// The server goes with the process, however that ends; its folder is deleted at exit, or by the next run after a kill.
/// </summary>
internal static class TestDatabases
{
    private const string Template = "template_gatewayops", FolderPrefix = "gops-tests-";
    private static readonly Lazy<Task<TestDatabaseServer>> Server = new(StartAsync);
    private static readonly Lazy<Task<NpgsqlDataSource>> Admin = new(async () => NpgsqlDataSource.Create((await Server.Value).ConnectionTo("postgres") + ";Maximum Pool Size=8"));
    private static readonly Lazy<Task> Migrated = new(MakeTemplateAsync);
    private static int _made;

    // In memory where there is room for it: each database is some 300 files, and builds that go on beside keep a disk busy.
    private static string Root { get; } =
        Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").AvailableFreeSpace > 2L << 30 ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Makes a database: a copy of the migrated template, or an empty one.</summary>
    public static async Task<string> MakeAsync(bool empty)
    {
        if (!empty)
        {
            await Migrated.Value;
        }
        var name = $"test_{Interlocked.Increment(ref _made)}";
        // Copying files is quicker than writing the copy to the log: without fsync the two checkpoints that it takes cost next to nothing.
        await RunAsync($"create database {name} template {(empty ? "template0" : Template)} strategy file_copy");
        return name;
    }

    public static async Task DropAsync(string name) => await RunAsync($"drop database if exists {name} with (force)");

    public static async Task<string> ConnectionToAsync(string name) => (await Server.Value).ConnectionTo(name);

    private static async Task RunAsync(string sql)
    {
        await using var command = (await Admin.Value).CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static Task<TestDatabaseServer> StartAsync()
    {
        SweepFoldersOfKilledRuns();
        return TestDatabaseServer.StartAsync(Path.Combine(Root, $"{FolderPrefix}{Environment.ProcessId}-{Guid.NewGuid():N}"));
    }

    private static async Task MakeTemplateAsync()
    {
        await RunAsync($"create database {Template}");
        // Not pooled: a template that somebody is connected to cannot be copied.
        await using var source = NpgsqlDataSource.Create(await ConnectionToAsync(Template) + ";Pooling=false");
        await MigratorOf(source).ApplyAsync(CancellationToken.None);
    }

    public static Migrator MigratorOf(NpgsqlDataSource source) => new(source, DatabasesOf(source), TimeProvider.System, NullLogger<Migrator>.Instance);

    public static IDbContextFactory<GatewayOpsDb> DatabasesOf(NpgsqlDataSource source)
    {
        var options = new DbContextOptionsBuilder<GatewayOpsDb>();
        GatewayOpsDb.Configure(options, source);
        return new PooledDbContextFactory<GatewayOpsDb>(options.Options);
    }

    private static void SweepFoldersOfKilledRuns()
    {
        foreach (var folder in Directory.GetDirectories(Root, FolderPrefix + "*"))
        {
            var process = Path.GetFileName(folder)[FolderPrefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{process}"))
            {
                try
                {
                    // Where the killed server listened.
                    if (File.Exists(Path.Combine(folder, "socket")) && File.ReadAllText(Path.Combine(folder, "socket")) is var socket && Directory.Exists(socket))
                    {
                        Directory.Delete(socket, recursive: true);
                    }
                    Directory.Delete(folder, recursive: true);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Another user's, or another run sweeps it too.
                }
            }
        }
    }
}
