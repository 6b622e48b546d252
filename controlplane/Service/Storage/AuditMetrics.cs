using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Counts audit rows when their transaction has committed. Labels are the declared actions and results; another one counts as `_other`.</summary>
public sealed class AuditMetrics : ISaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly Counter<long> _events;
    private readonly ConditionalWeakTable<DbContext, Waiting> _waiting = [];

    public AuditMetrics(IMeterFactory meters)
    {
        _events = meters.Create("GatewayOps.Audit").CreateCounter<long>("gatewayops_audit_events", description: "Audit rows written by this replica, by action and result.");
        foreach (var action in AuditActions.All)
        {
            Count(action, AuditResults.Ok, 0);
        }
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db)
        {
            var waiting = _waiting.GetOrCreateValue(db);
            if (db.Database.CurrentTransaction is null)
            {
                // Of a transaction that was only disposed, and so rolled back without a word.
                waiting.Saved.Clear();
            }

            waiting.Saving = [.. db.ChangeTracker.Entries<AuditRow>().Where(entry => entry.State == EntityState.Added).Select(entry => entry.Entity)];
        }

        return new(result);
    }

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db && _waiting.TryGetValue(db, out var waiting))
        {
            waiting.Saved.AddRange(waiting.Saving);
            waiting.Saving = [];
            if (db.Database.CurrentTransaction is null)
            {
                Count(waiting);
            }
        }

        return new(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db && _waiting.TryGetValue(db, out var waiting))
        {
            Count(waiting);
        }

        return Task.CompletedTask;
    }

    public Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Forget(eventData);
        return Task.CompletedTask;
    }

    public ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        Forget(eventData);
        return new(result);
    }

    private void Forget(TransactionEndEventData ended)
    {
        if (ended.Context is { } db && _waiting.TryGetValue(db, out var waiting))
        {
            waiting.Saved.Clear();
        }
    }

    private void Count(Waiting waiting)
    {
        foreach (var row in waiting.Saved)
        {
            Count(row.Action, row.Result, 1);
        }

        waiting.Saved.Clear();
    }

    private void Count(string action, string result, int rows) => _events.Add(
        rows,
        new("action", AuditActions.All.Contains(action) ? action : "_other"),
        new("result", AuditResults.All.Contains(result) ? result : "_other"));

    /// <summary>Rows of a context that are on their way.</summary>
    private sealed class Waiting
    {
        public IReadOnlyList<AuditRow> Saving { get; set; } = [];
        public List<AuditRow> Saved { get; } = [];
    }
}
