using Npgsql;

namespace GatewayOps.EmbeddedPostgres;

/// <summary>
/// A PostgreSQL server that belongs to this process: on a Unix socket that only this user may enter, stopped on dispose, and stopped by the kernel if this process
/// dies without (kill -9 included).
/// </summary>
public sealed class EmbeddedPostgresServer : IAsyncDisposable
{
    internal const string Role = "gatewayops";
    private const int Port = 5432;

    // sun_path holds 108 bytes with the closing zero; the file in the folder is `/.s.PGSQL.5432`.
    private const int LongestSocketFolder = 107 - 14;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly EmbeddedPostgresOptions _options;
    private readonly DataFolder _data;
    private readonly ServerProcess _process;
    private readonly string _socketFolder;
    private bool _disposed;

    private EmbeddedPostgresServer(EmbeddedPostgresOptions options, DataFolder data, ServerProcess process, string socketFolder)
    {
        _options = options;
        _data = data;
        _process = process;
        _socketFolder = socketFolder;
        ConnectionString = ConnectionTo(options.Database);
    }

    /// <summary>For Npgsql; no secret in it. Processes of the same user may use it too.</summary>
    public string ConnectionString { get; }

    /// <summary>Process id of the postmaster.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Completes when the server has ended, by itself or because it was stopped.</summary>
    public Task Exited => _process.Exited;

    /// <summary>The newest 200 lines of the server's log.</summary>
    public string Log => _process.Log.ToString();

    /// <summary>Finds binaries, makes the cluster or heals the one that is there, starts the server and waits until it answers.</summary>
    /// <exception cref="EmbeddedPostgresException">No binaries, the folder is taken or unusable, or the server does not come up: the message says which and what to do.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        var account = ServerAccount.Choose();
        var binaries = await PostgresBinaries.FindAsync(BinarySources.FromEnvironment(), account, options.Progress, cancellationToken);
        return await StartAsync(options, binaries, account, cancellationToken);
    }

    internal static async Task<EmbeddedPostgresServer> StartAsync(
        EmbeddedPostgresOptions options, PostgresBinaries binaries, ServerAccount account, CancellationToken cancellationToken)
    {
        var folder = DataFolder.Open(options.Folder);
        ServerProcess? postmaster = null;
        string? socket = null;
        try
        {
            await folder.PrepareAsync(binaries, account, options.Durable, cancellationToken);
            socket = await MakeSocketFolderAsync(account, cancellationToken);
            await folder.NoteSocketAsync(socket, cancellationToken);
            postmaster = await ServerProcess.StartAsync(account.RunTiedToParent([binaries.Postgres, "-D", folder.Cluster, .. Settings(options, socket)]));
            await UntilReadyAsync(postmaster, folder.Cluster, options.StartTimeout, cancellationToken);
            var server = new EmbeddedPostgresServer(options, folder, postmaster, socket);
            await server.MakeDatabaseAsync(cancellationToken);
            return server;
        }
        catch
        {
            if (postmaster is not null)
            {
                await postmaster.DisposeAsync();
            }
            if (socket is not null)
            {
                Directory.Delete(socket, recursive: true);
            }
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The connection string with another database's name.</summary>
    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _socketFolder,
        Port = Port,
        Username = Role,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        await _process.StopAsync(_options.Durable ? ServerProcess.FastShutdown : ServerProcess.ImmediateShutdown);
        await _process.DisposeAsync();
        Directory.Delete(_socketFolder, recursive: true);
        if (!_options.Durable)
        {
            _data.Delete();
        }
        _data.Dispose();
    }

    private static string[] Settings(EmbeddedPostgresOptions options, string socketFolder)
    {
        string[] always =
        [
            "-k", socketFolder, "-p", Port.ToString(), "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700",
            "-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
        ];
        // max_wal_senders=0 is what wal_level=minimal asks for.
        string[] fast =
        [
            "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "autovacuum=off",
            "-c", "wal_level=minimal", "-c", "max_wal_senders=0",
        ];
        return options.Durable ? always : [.. always, .. fast];
    }

    private static async Task<string> MakeSocketFolderAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        // The temporary folder of this process may be too long a path, or closed to the server's user.
        foreach (var temporary in new[] { Path.GetTempPath().TrimEnd('/'), "/tmp", "/var/tmp" })
        {
            var folder = $"{temporary}/gops-{Guid.NewGuid().ToString("N")[..12]}";
            if (folder.Length <= LongestSocketFolder && Directory.Exists(temporary) && await account.CanEnterAsync(temporary, cancellationToken))
            {
                await account.MakePrivateAsync(folder, cancellationToken);
                return folder;
            }
        }
        throw new EmbeddedPostgresException(
            "No folder for the server's socket", $"neither the temporary folder nor /tmp is a short path that user {account.Name} can enter", "Set TMPDIR to one.");
    }

    private static async Task UntilReadyAsync(ServerProcess process, string cluster, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!IsReady(process.Id, Path.Combine(cluster, "postmaster.pid")))
        {
            if (process.Exited.IsCompleted)
            {
                throw new EmbeddedPostgresException("The PostgreSQL server ended while it started", process.Log.ToString(), NextAfter(process.Log.ToString(), cluster));
            }
            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                throw new EmbeddedPostgresException(
                    $"The PostgreSQL server was not ready after {timeout.TotalSeconds:0} s", process.Log.ToString(), "Start again: recovery goes on where it stopped.");
            }
            await Task.Delay(Poll, cancellationToken);
        }
    }

    // The postmaster writes its state into the last line of its pid file, for pg_ctl; the first line tells whose file it is.
    private static bool IsReady(int pid, string pidFile)
    {
        try
        {
            var lines = File.ReadAllLines(pidFile);
            return lines.Length >= 8 && lines[0] == pid.ToString() && lines[7].Trim() == "ready";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string NextAfter(string log, string cluster) =>
        log.Contains("initialized by PostgreSQL version", StringComparison.Ordinal)
            ? $"Set GATEWAYOPS_PG_BIN to programs of that version, or delete {cluster} to start empty."
            : "Put right what the log says, or give another data folder.";

    private async Task MakeDatabaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var admin = NpgsqlDataSource.Create(ConnectionTo("postgres") + ";Pooling=false");
            await using var connection = await admin.OpenConnectionAsync(cancellationToken);
            await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = _options.Database } } };
            if (await exists.ExecuteScalarAsync(cancellationToken) is null)
            {
                var name = new NpgsqlCommandBuilder().QuoteIdentifier(_options.Database);
                await using var create = new NpgsqlCommand($"create database {name}", connection);
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (NpgsqlException e)
        {
            throw new EmbeddedPostgresException("The PostgreSQL server started but does not let us in", $"{e.Message}\n{Log}", "Give another data folder.", e);
        }
    }
}
