using System.Data.Common;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// The right to change one gateway: a session of the database that holds the gateway's advisory lock, and the epoch that its taking began. The session
/// is the queue, the epoch is the fence: every transaction of <see cref="OpenDb"/> begins with the proof that the epoch is still the newest, and holds
/// it until it commits, so that a replica that was away (stopped, cut off, its session ended) and whose gateway another one has taken meanwhile
/// writes nothing.
/// <para>
/// Where the guarantee ends: Cloudflare knows no epoch. A call leaves no later than <see cref="ProofLasts"/> after a proof; one that is on the wire when the
/// lock is lost may still have its effect, even after the next holder has looked. That one heals it by reading: it looks up what the journal left open
/// before it plans (<see cref="JournalRecovery"/>), looks again for creates that came late, and every later pass compares anew what is there.
/// </para>
/// <para>
/// A connection pooler that changes the session between transactions takes the lock away unseen. The proof compares the session too, so that behind one
/// nothing is changed, and the error names it.
/// </para>
/// </summary>
public sealed class GatewayLock : IAsyncDisposable
{
    /// <summary>A call that leaves later than this after a proof, as one that waited for the limiter or is a retry, is proved anew.</summary>
    internal static readonly TimeSpan ProofLasts = TimeSpan.FromSeconds(1);

    private const string Proof = "select epoch, pg_backend_pid() from gateway_epochs where gateway = $1";

    private readonly NpgsqlConnection _connection;
    private readonly DbContextOptions<GatewayOpsDb> _options;
    private readonly int _session;
    private readonly TimeProvider _time;
    private long _proved;

    internal GatewayLock(string gateway, Taking taking, NpgsqlConnection connection, AuditMetrics audit, TimeProvider time)
    {
        (Gateway, Epoch, _session, _connection, _time) = (gateway, taking.Epoch, taking.Session, connection, time);
        _options = new DbContextOptionsBuilder<GatewayOpsDb>().UseNpgsql(connection).AddInterceptors(new EpochFence(this), audit).Options;
        _proved = time.GetTimestamp();
    }

    public string Gateway { get; }

    /// <summary>Grows with each taking of the gateway's lock, by whichever replica. It is in the rows of the runs and the journal.</summary>
    public long Epoch { get; }

    /// <summary>The session is known to have ended; that it has not is known only by a proof.</summary>
    public bool IsLost => _connection.State != System.Data.ConnectionState.Open;

    /// <summary>Storage on the very session that holds the lock. Whatever it writes throws <see cref="StaleEpochException"/> when the lock is no longer ours.</summary>
    public GatewayOpsDb OpenDb() => new(_options) { Database = { AutoTransactionBehavior = AutoTransactionBehavior.Always } };

    /// <summary>For a transaction on another session that belongs to what the lock protects: throws <see cref="StaleEpochException"/>, or keeps the epoch as it is until the transaction ends.</summary>
    public async Task DemandAsync(GatewayOpsDb db, CancellationToken cancellationToken)
    {
        var now = await db.Database.SqlQuery<long>($"select epoch as \"Value\" from gateway_epochs where gateway = {Gateway} for share").SingleAsync(cancellationToken);
        if (now != Epoch)
        {
            throw Taken(now);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsLost)
        {
            try
            {
                await GatewayLocks.ExecuteAsync(_connection, "select pg_advisory_unlock(hashtextextended($1, 0))", GatewayLocks.Name(Gateway), CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The session is gone, and the lock with it.
            }
        }

        await _connection.DisposeAsync();
    }

    /// <summary>The proof, shared-locked until the transaction ends: the next taking waits for this write, or this write sees it.</summary>
    internal Task ProveForAsync(DbTransaction transaction, CancellationToken cancellationToken) => ProveAsync($"{Proof} for share", (NpgsqlTransaction)transaction, cancellationToken);

    /// <summary>The proof for a call that is about to leave, unless there has just been one.</summary>
    internal Task ProveForCallAsync(CancellationToken cancellationToken) =>
        _time.GetElapsedTime(_proved) <= ProofLasts ? Task.CompletedTask : ProveAsync(Proof, transaction: null, cancellationToken);

    private async Task ProveAsync(string sql, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        try
        {
            await using var command = new NpgsqlCommand(sql, _connection, transaction);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Gateway });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
            {
                throw new StaleEpochException(Gateway, Epoch, "its row in gateway_epochs is gone");
            }

            if (reader.GetInt64(0) is var now && now != Epoch)
            {
                throw Taken(now);
            }

            if (reader.GetInt32(1) != _session)
            {
                throw new StaleEpochException(Gateway, Epoch, "the database session that held the lock is another now: either it ended, or a connection pooler shares sessions between transactions, and then ConnectionStrings:GatewayOps must go past it, or to a pool in session mode");
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException && IsLost)
        {
            throw new StaleEpochException(Gateway, Epoch, "the database session that held the lock ended", exception);
        }

        _proved = asked;
    }

    private StaleEpochException Taken(long now) => new(Gateway, Epoch, $"somebody took the lock after us, with epoch {now}");
}

/// <summary>What a taking of the lock began.</summary>
/// <param name="Epoch">One more than the last.</param>
/// <param name="Session">Process id of the session at the server.</param>
internal sealed record Taking(long Epoch, int Session);

/// <summary>The lock of a gateway is no longer held. Nothing was written; whoever holds it now resolves what was begun. Trying again waits for a turn.</summary>
public sealed class StaleEpochException(string gateway, long epoch, string why, Exception? cause = null)
    : Exception($"Gateway {gateway} is no longer held under epoch {epoch}: {why}. Nothing more was changed; try again.", cause);
