namespace GatewayOps.EmbeddedPostgres;

/// <summary>
/// The user whom the server runs as. PostgreSQL refuses to run as root: a root parent drops to `postgres`, or to `nobody` where there is no such user.
/// Any other parent runs the server as itself.
/// </summary>
internal sealed record ServerAccount(string Name, uint Uid, uint Gid, bool Dropped)
{
    public static ServerAccount Choose()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(Environment.UserName, 0, 0, Dropped: false);
        }
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToLookup(fields => fields[0]);
        var user = users["postgres"].Concat(users["nobody"]).FirstOrDefault()
            ?? throw new EmbeddedPostgresException(
                "PostgreSQL cannot be started as root", "it refuses to, and there is no user `postgres` or `nobody` to drop to", "Make one (useradd --system postgres) or run as another user.");
        return new ServerAccount(user[0], uint.Parse(user[2]), uint.Parse(user[3]), Dropped: true);
    }

    /// <summary>The words that run a command as this user.</summary>
    public IReadOnlyList<string> RunAs(params IEnumerable<string> command) =>
        Dropped ? ["setpriv", .. Drop, "--", .. command] : [.. command];

    /// <summary>
    /// The words that run the server as this user, and have the kernel send it SIGINT (a fast shutdown) when this process dies, however it dies.
    /// One setpriv does both, because a change of user clears the death signal. The shell between closes a gap: a parent that died before
    /// the signal was armed is no longer the parent, and then nothing is started. A session of its own keeps a terminal's Ctrl-C from the server:
    /// the parent stops it after everything that still writes.
    /// </summary>
    public IReadOnlyList<string> RunTiedToParent(params IEnumerable<string> command) =>
    [
        "setpriv", .. Dropped ? Drop : [], "--pdeathsig", "INT", "--",
        "/bin/sh", "-c", """[ "$PPID" = "$1" ] || exit 1; shift; exec "$@" """, "sh", Environment.ProcessId.ToString(), "setsid", .. command,
    ];

    /// <summary>Whether this user can enter the folder, which needs passage through every folder above it.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken cancellationToken) =>
        !Dropped || (await Command.RunAsync(RunAs("test", "-x", folder), cancellationToken)).Succeeded;

    /// <summary>Makes the folder, closed to everybody but this user.</summary>
    public async Task MakePrivateAsync(string folder, CancellationToken cancellationToken)
    {
        IEnumerable<string> owner = Dropped ? ["-o", Uid.ToString(), "-g", Gid.ToString()] : [];
        var made = await Command.RunAsync(["install", "-d", "-m", "0700", .. owner, folder], cancellationToken);
        if (!made.Succeeded)
        {
            throw new EmbeddedPostgresException($"Cannot make the folder {folder}", made.Reason, "Give a folder that this user may write to.");
        }
    }

    private string[] Drop => [$"--reuid={Uid}", $"--regid={Gid}", "--clear-groups", "--no-new-privs"];
}
