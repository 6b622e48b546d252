using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What is done besides the timer: gateways that a dead process left in the middle of a run, once at start-up, and signals.</summary>
public sealed partial class Wakeup(
    NpgsqlDataSource source, IDbContextFactory<GatewayOpsDb> databases, Reconciler reconciler, AllGateways gateways, ReconcileSignal signal, ILogger<Wakeup> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await GuardAsync(ResumeAsync, stoppingToken);
        await foreach (var _ in signal.ReadAllAsync(stoppingToken))
        {
            await GuardAsync(token => gateways.ReconcileAsync(RunTrigger.Signal, token), stoppingToken);
        }
    }

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (!await JournalRecovery.IsAnythingUnfinishedAsync(source, cancellationToken))
        {
            return;
        }

        IReadOnlyList<string> unfinished;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            unfinished = await JournalRecovery.Unfinished(db).ToListAsync(cancellationToken);
        }

        foreach (var gateway in unfinished)
        {
            // Null: another replica is at it, and it is that one's run.
            await reconciler.TryReconcileAsync(gateway, RunTrigger.Resume, cancellationToken);
        }
    }

    // The interval comes to all of this again: a database or an API that is away for a moment is no reason to stop.
    private async Task GuardAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Failed(exception);
        }
    }

    [LoggerMessage(2003, LogLevel.Error, "Reconciling outside the interval failed; the next interval tries again")]
    private partial void Failed(Exception exception);
}
