namespace GatewayOps.EmbeddedPostgres;

/// <summary>
/// The folder of one private server, locked while this process has it. Holds `lock`, `socket` (where the last server listened) and `cluster`, PostgreSQL's own folder,
/// which is a link where the user whom the server runs as cannot enter this folder (a project under /root).
/// </summary>
internal sealed class DataFolder : IDisposable
{
    // Where root's clusters live when the asked-for folder is closed to the server's user.
    private const string Elsewhere = "/var/lib/gatewayops";
    private readonly string _folder;
    private readonly FileStream _held;

    private DataFolder(string folder, FileStream held) => (_folder, _held) = (folder, held);

    /// <summary>Path of the cluster without links, as the kernel shows it.</summary>
    public string Cluster { get; private set; } = "";
    private string Link => Path.Combine(_folder, "cluster");
    private string SocketNote => Path.Combine(_folder, "socket");

    /// <summary>Takes the folder. The lock goes with the process that holds it, so a folder whose process was killed is free at once.</summary>
    public static DataFolder Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(folder);
            return new DataFolder(folder, new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(Path.Combine(folder, "lock")))
        {
            throw new EmbeddedPostgresException($"The data folder {folder} is taken", "another process runs its server there", "Stop that process, or give another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException($"The data folder {folder} cannot be used", e.Message, "Give a folder that this user may write to.", e);
        }
    }

    /// <summary>Makes the cluster if there is none yet, stops what a killed parent left running in it, and writes who may log in.</summary>
    public async Task PrepareAsync(PostgresBinaries binaries, ServerAccount account, bool durable, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Link))
        {
            await InitializeAsync(binaries, account, durable, cancellationToken);
        }
        Cluster = (await Command.RunAsync(["realpath", Link], cancellationToken)).Output.Trim();
        if (!await account.CanEnterAsync(Cluster, cancellationToken))
        {
            throw new EmbeddedPostgresException(
                $"The cluster {Cluster} cannot be used", $"it belongs to another user, or a folder above it is closed to {account.Name}, as whom the server runs", "Give another data folder, or hand it over with chown and chmod o+x.");
        }
        await Survivors.StopAsync(Cluster, cancellationToken);
        if (File.Exists(SocketNote) && await File.ReadAllTextAsync(SocketNote, cancellationToken) is var left && Directory.Exists(left))
        {
            Directory.Delete(left, recursive: true);
        }
        await AllowOnlyParentAsync(cancellationToken);
    }

    /// <summary>Remembers where the server listens, so that the next one can clear it away.</summary>
    public Task NoteSocketAsync(string socketFolder, CancellationToken cancellationToken) => File.WriteAllTextAsync(SocketNote, socketFolder, cancellationToken);

    /// <summary>Deletes everything, the cluster behind a link too.</summary>
    public void Delete()
    {
        if (Cluster.StartsWith(Elsewhere + "/", StringComparison.Ordinal))
        {
            Directory.Delete(Path.GetDirectoryName(Cluster)!, recursive: true);
        }
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _held.Dispose();

    private async Task InitializeAsync(PostgresBinaries binaries, ServerAccount account, bool durable, CancellationToken cancellationToken)
    {
        var home = _folder;
        if (!await account.CanEnterAsync(_folder, cancellationToken))
        {
            home = Directory.CreateDirectory(Path.Combine(Elsewhere, Guid.NewGuid().ToString("N")[..12])).FullName;
        }
        // Made beside its place and moved there whole: an initdb that was killed leaves nothing that looks like a cluster.
        var making = Path.Combine(home, "cluster.new");
        if (Directory.Exists(making))
        {
            Directory.Delete(making, recursive: true);
        }
        await account.MakePrivateAsync(making, cancellationToken);
        IEnumerable<string> sync = durable ? [] : ["--no-sync"];
        var made = await Command.RunAsync(
            account.RunAs([binaries.Initdb, "-D", making, "-U", EmbeddedPostgresServer.Role, "--encoding=UTF8", "--locale=C", "--auth-local=peer", "--auth-host=reject", "--no-instructions", .. sync]),
            cancellationToken);
        if (!made.Succeeded)
        {
            throw new EmbeddedPostgresException($"initdb could not make a cluster in {home}", made.Reason, "Free the folder, or set GATEWAYOPS_PG_BIN to another PostgreSQL.");
        }
        var whole = Path.Combine(home, "cluster");
        Directory.Move(making, whole);
        if (home != _folder)
        {
            File.Delete(Link);
            File.CreateSymbolicLink(Link, whole);
        }
    }

    // The kernel tells the server which user is at the other end of its socket; the map lets this process's user in as our role, and nobody else.
    // So there is no password to keep, to pass to child processes or to leak, and other users of the machine stay out.
    private async Task AllowOnlyParentAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(Cluster, "pg_hba.conf"), $"local all {EmbeddedPostgresServer.Role} peer map=parent\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Cluster, "pg_ident.conf"), $"parent \"{Environment.UserName}\" {EmbeddedPostgresServer.Role}\n", cancellationToken);
    }
}
