using System.Data.Common;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// Begins every transaction of a lock's storage with the proof that the lock is still good, and lets nothing be written outside of one. Whoever writes
/// under a lock need not think of it.
/// </summary>
internal sealed class EpochFence(GatewayLock held) : IDbTransactionInterceptor, IDbCommandInterceptor
{
    public async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await held.ProveForAsync(result, cancellationToken);
        return result;
    }

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result) =>
        throw new InvalidOperationException("Storage of a gateway's lock is written asynchronously.");

    public ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        eventData.Context?.Database.CurrentTransaction is not null
            ? new(result)
            : throw new InvalidOperationException("What is written under a gateway's lock belongs to a transaction, which begins with the proof of the lock: begin one.");
}
