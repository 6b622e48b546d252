using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// One replica at a time changes a gateway: a PostgreSQL session advisory lock per gateway. A replica that dies loses its session, and with it the lock.
/// Each taking raises the gateway's epoch, so that whoever held it before and does not know better writes nothing (<see cref="GatewayLock"/>).
/// </summary>
public sealed class GatewayLocks(NpgsqlDataSource source, ReplicaId replica, AuditMetrics audit, TimeProvider time)
{
    /// <summary>Long enough for a pass that another replica is in; then the caller is told to come again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly LocalTurns _turns = new();

    /// <summary>Waits for its turn. Throws <see cref="GatewayBusyException"/> after 30 s.</summary>
    public async Task<GatewayLock> AcquireAsync(string gateway, CancellationToken cancellationToken)
    {
        using var turn = await _turns.EnterAsync(gateway, LongestWait, cancellationToken) ?? throw new GatewayBusyException(gateway, LongestWait);
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, "select set_config('lock_timeout', $1, false)", $"{LongestWait.TotalMilliseconds:0}", cancellationToken);
            await ExecuteAsync(connection, "select pg_advisory_lock(hashtextextended($1, 0))", Name(gateway), cancellationToken);
            return await TakeAsync(gateway, connection, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await connection.DisposeAsync();
            throw new GatewayBusyException(gateway, LongestWait, exception);
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
            if (await ExecuteAsync(connection, "select pg_try_advisory_lock(hashtextextended($1, 0))", Name(gateway), cancellationToken) is true)
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
}

/// <summary>Somebody else has been changing the gateway for longer than the caller may wait.</summary>
public sealed class GatewayBusyException(string gateway, TimeSpan waited, Exception? cause = null)
    : Exception($"Gateway {gateway} has been in use by another execute or reconcile for {waited.TotalSeconds:0} s: try again", cause);
