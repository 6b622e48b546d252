using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// One replica at a time changes a gateway: a PostgreSQL session advisory lock per gateway. A replica that dies loses its session, and with it the lock.
/// Each taking raises the gateway's epoch, so that whoever held it before and does not know better writes nothing (<see cref="GatewayLock"/>).
/// <para>
/// A replica that is stopped or cut off keeps its session, for hours where the network says nothing. Whoever wants the lock then ends that session: when the
/// holder's heartbeat and its session have been silent for <see cref="Heartbeat.Gone"/>. It may be alive after all; that is what the epoch is for.
/// </para>
/// </summary>
public sealed partial class GatewayLocks(NpgsqlDataSource source, ReplicaId replica, AuditMetrics audit, TimeProvider time, ILogger<GatewayLocks> log)
{
    /// <summary>Long enough for a pass that another replica is in; then the caller is told to come again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>How often who waits asks whether the holder is silent.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(5);

    private readonly LocalTurns _turns = new();

    /// <summary>Waits for its turn. Throws <see cref="GatewayBusyException"/> after 30 s.</summary>
    public async Task<GatewayLock> AcquireAsync(string gateway, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var turn = await _turns.EnterAsync(gateway, LongestWait, cancellationToken) ?? throw new GatewayBusyException(gateway, LongestWait);
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, "select set_config('lock_timeout', $1, false)", $"{Slice.TotalMilliseconds:0}", cancellationToken);
            while (!await IsGrantedAsync(connection, gateway, cancellationToken))
            {
                if (time.GetElapsedTime(started) >= LongestWait)
                {
                    throw new GatewayBusyException(gateway, LongestWait);
                }

                await EndSilentHolderAsync(connection, gateway, cancellationToken);
            }

            return await TakeAsync(gateway, connection, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>All of them, in one order for everybody, so that two callers never wait for each other.</summary>
    public async Task<IReadOnlyList<GatewayLock>> AcquireAllAsync(IEnumerable<string> gateways, CancellationToken cancellationToken)
    {
        var held = new List<GatewayLock>();
        try
        {
            foreach (var gateway in gateways.Order(StringComparer.Ordinal))
            {
                held.Add(await AcquireAsync(gateway, cancellationToken));
            }

            return held;
        }
        catch
        {
            await ReleaseAllAsync(held);
            throw;
        }
    }

    public static async ValueTask ReleaseAllAsync(IEnumerable<GatewayLock> held)
    {
        foreach (var gatewayLock in held)
        {
            await gatewayLock.DisposeAsync();
        }
    }

    /// <summary>Null when another replica, or another request, is at this gateway now.</summary>
    public async Task<GatewayLock?> TryAcquireAsync(string gateway, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            if (await TryAsync(connection, gateway, cancellationToken)
                || (await EndSilentHolderAsync(connection, gateway, cancellationToken) && await TryAsync(connection, gateway, cancellationToken)))
            {
                return await TakeAsync(gateway, connection, cancellationToken);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    private static async Task<bool> TryAsync(NpgsqlConnection connection, string gateway, CancellationToken cancellationToken) =>
        await ExecuteAsync(connection, "select pg_try_advisory_lock(hashtextextended($1, 0))", Name(gateway), cancellationToken) is true;

    private static async Task<bool> IsGrantedAsync(NpgsqlConnection connection, string gateway, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, "select pg_advisory_lock(hashtextextended($1, 0))", Name(gateway), cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    // Both silences, so that neither a replica in a long call, nor one that has the lock and not yet the epoch, is taken for a dead one. A replica
    // may end sessions of its own role, which all replicas share. Materialized: in one query with its conditions the planner is free to end sessions first.
    private async Task<bool> EndSilentHolderAsync(NpgsqlConnection connection, string gateway, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            with silent as materialized (
              select l.pid, e.holder
              from pg_locks l join pg_stat_activity a on a.pid = l.pid join gateway_epochs e on e.gateway = $1
              where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.database = (select oid from pg_database where datname = current_database())
                and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended($2, 0)
                and l.pid <> pg_backend_pid()
                and a.state_change < clock_timestamp() - $3
                and not exists (select 1 from replicas r where r.id = e.holder and r.seen_at > clock_timestamp() - $3))
            select holder from silent where pg_terminate_backend(pid, 5000)
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = gateway });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name(gateway) });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Heartbeat.Gone });
        if (await command.ExecuteScalarAsync(cancellationToken) is not string holder)
        {
            return false;
        }

        SilentHolderEnded(gateway, holder, Heartbeat.Gone.TotalSeconds);
        return true;
    }

    // Waits for a write under the epoch before, whose transaction is still open.
    private async Task<GatewayLock> TakeAsync(string gateway, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into gateway_epochs as e (gateway, epoch, holder, taken_at) values ($1, 1, $2, now())
            on conflict (gateway) do update set epoch = e.epoch + 1, holder = excluded.holder, taken_at = excluded.taken_at
            returning epoch, pg_backend_pid()
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = gateway });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = replica.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new GatewayLock(gateway, new Taking(reader.GetInt64(0), reader.GetInt32(1)), connection, audit, time);
    }

    internal static string Name(string gateway) => $"gatewayops-apply:{gateway}";

    internal static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, string value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 }; // lock_timeout is the bound
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    [LoggerMessage(2011, LogLevel.Warning, "Gateway {Gateway} was held by replica {Holder}, silent for {Seconds} s: its session was ended, and what it had begun is looked up")]
    private partial void SilentHolderEnded(string gateway, string holder, double seconds);
}

/// <summary>Somebody else has been changing the gateway for longer than the caller may wait.</summary>
public sealed class GatewayBusyException(string gateway, TimeSpan waited)
    : Exception($"Gateway {gateway} has been in use by another execute or reconcile for {waited.TotalSeconds:0} s: try again");
