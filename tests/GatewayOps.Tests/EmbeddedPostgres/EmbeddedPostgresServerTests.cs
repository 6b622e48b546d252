using System.Diagnostics;
using System.Runtime.Versioning;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Tests.EmbeddedPostgres;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresServerTests
{
    [Fact]
    public async Task Start_DurableTwice_KeepsWhatWasCommitted()
    {
        using var folder = new TemporaryFolder();
        await using (var server = await StartAsync(folder["data"]))
        {
            await RunAsync(server.ConnectionString, "create table kept as select 42 as answer");
        }

        await using var again = await StartAsync(folder["data"]);

        Assert.Equal(42, await RunAsync(again.ConnectionString, "select answer from kept"));
        Assert.Equal("on", await RunAsync(again.ConnectionString, "show fsync"));
    }

    [Fact]
    public async Task Dispose_Fast_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        string socket;
        int id;
        await using (var server = await EmbeddedPostgresServer.StartAsync(new() { Folder = folder["data"], Durable = false }, CancellationToken.None))
        {
            socket = new NpgsqlConnectionStringBuilder(server.ConnectionString).Host!;
            id = server.ProcessId;
            Assert.True(Directory.Exists(socket));
        }

        Assert.False(Directory.Exists(folder["data"]));
        Assert.False(Directory.Exists(socket));
        Assert.False(IsRunning(id));
    }

    [Fact]
    public async Task Start_FolderWithALongPath_ListensUnderAShortOne()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder[new string('x', 200)]);

        Assert.InRange(new NpgsqlConnectionStringBuilder(server.ConnectionString).Host!.Length, 1, 93);
    }

    [Fact]
    public async Task Start_Socket_IsClosedToOtherUsers()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder["data"]);
        var socket = new NpgsqlConnectionStringBuilder(server.ConnectionString).Host!;

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(socket));
        // Even who gets at the socket is refused under another name than the one that belongs to this user.
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(server.ConnectionString + ";Username=postgres", "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, refused.SqlState);
    }

    [Fact]
    public async Task Start_FolderInUse_SaysSoAndLeavesTheOtherAlone()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder["data"]);

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(folder["data"]));

        Assert.Contains("another process", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync(server.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task Kill_Parent_StopsTheServerAndTheNextOneFindsEverything()
    {
        using var folder = new TemporaryFolder();
        int orphan;
        using (var held = await HeldServer.StartAsync(folder["data"]))
        {
            await RunAsync(held.ConnectionString, "create table kept as select 42 as answer");
            orphan = held.ServerId;
            Assert.True(IsRunning(orphan));
            await held.KillAsync();
        }

        await UntilAsync(() => !IsRunning(orphan));
        await using var again = await StartAsync(folder["data"]);
        Assert.Equal(42, await RunAsync(again.ConnectionString, "select answer from kept"));
    }

    [Fact]
    public async Task Kill_ParentOfAStoppedServer_TheNextOneEndsTheSurvivor()
    {
        using var folder = new TemporaryFolder();
        int survivor;
        using (var held = await HeldServer.StartAsync(folder["data"]))
        {
            await RunAsync(held.ConnectionString, "create table kept as select 42 as answer");
            survivor = held.ServerId;
            // A stopped process acts on no signal but SIGKILL: it outlives its parent for certain.
            await Processes.SignalAsync("STOP", survivor);
            await held.KillAsync();
        }
        Assert.True(IsRunning(survivor));

        var goesOn = Task.Delay(300).ContinueWith(_ => Processes.SignalAsync("CONT", survivor), TaskScheduler.Default).Unwrap();
        await using var again = await StartAsync(folder["data"]);
        await goesOn;

        Assert.False(IsRunning(survivor));
        Assert.Equal(42, await RunAsync(again.ConnectionString, "select answer from kept"));
    }

    [Fact]
    public async Task Kill_ServerAndParent_TheNextOneRecovers()
    {
        using var folder = new TemporaryFolder();
        using (var held = await HeldServer.StartAsync(folder["data"]))
        {
            await RunAsync(held.ConnectionString, "create table kept as select 42 as answer");
            await Processes.SignalAsync("KILL", held.ServerId);
            await held.KillAsync();
        }
        Assert.True(File.Exists(folder["data/cluster/postmaster.pid"]));

        await using var again = await StartAsync(folder["data"]);

        Assert.Equal(42, await RunAsync(again.ConnectionString, "select answer from kept"));
    }

    [Fact]
    public async Task Start_PidFileOfSomebodyElse_IsSetAside()
    {
        using var folder = new TemporaryFolder();
        await using (await StartAsync(folder["data"]))
        {
        }
        // This process is alive and no server: a process id that was given to somebody else since.
        await File.WriteAllTextAsync(folder["data/cluster/postmaster.pid"], $"{Environment.ProcessId}\n{folder["data/cluster"]}\n0\n5432\n/tmp\n\n0 0\nready   \n");

        await using var again = await StartAsync(folder["data"]);

        Assert.Equal(1, await RunAsync(again.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task Start_ClusterOfAnotherVersion_SaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        await using (await StartAsync(folder["data"]))
        {
        }
        await File.WriteAllTextAsync(folder["data/cluster/PG_VERSION"], "9\n");

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(folder["data"]));

        Assert.Contains("version", refused.Message, StringComparison.Ordinal);
        Assert.Contains("GATEWAYOPS_PG_BIN", refused.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_InterruptedInitdb_IsMadeAgain()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data/cluster.new/base"]);

        await using var server = await StartAsync(folder["data"]);

        Assert.Equal(1, await RunAsync(server.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task Start_FolderUnderOneClosedToOthers_Works()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); // as /root is
        await using var server = await EmbeddedPostgresServer.StartAsync(new() { Folder = folder["data"], Durable = false }, CancellationToken.None);
        var cluster = (string)(await RunAsync(server.ConnectionString, "show data_directory"))!;

        await server.DisposeAsync();

        Assert.False(Directory.Exists(cluster));
    }

    private static Task<EmbeddedPostgresServer> StartAsync(string folder) =>
        EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = folder }, CancellationToken.None);

    private static async Task<object?> RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    // A process that ended but was not reaped yet (state Z) runs no more.
    private static bool IsRunning(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
