using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>
/// Makes a gateway what it is desired to be. Level-based: a pass knows only the gateway's name and reads everything anew, so that a timer, a signal,
/// a restart and a second replica all take the same way.
/// </summary>
public sealed partial class Reconciler(
    GatewayLocks locks,
    JournalRecovery recovery,
    DesiredStates desiredStates,
    Lookout lookout,
    PlanApplier applier,
    StatusStore statuses,
    ReconciliationMetrics metrics,
    TimeProvider time,
    ILogger<Reconciler> log)
{
    /// <summary>Looks, plans and applies again this often when Cloudflare moves under the pass.</summary>
    private const int Rounds = 3;

    /// <summary>One pass as soon as nobody else is at the gateway. Throws <see cref="GatewayBusyException"/>.</summary>
    public async Task<Run> ReconcileAsync(string gateway, string trigger, CancellationToken cancellationToken)
    {
        await using var held = await locks.AcquireAsync(gateway, cancellationToken);
        return await PassAsync(held, trigger, first: null, cancellationToken);
    }

    /// <summary>One pass, or null when somebody else is at the gateway: then it is being looked after.</summary>
    public async Task<Run?> TryReconcileAsync(string gateway, string trigger, CancellationToken cancellationToken)
    {
        await using var held = await locks.TryAcquireAsync(gateway, cancellationToken);
        if (held is null)
        {
            metrics.Passed(trigger, "skipped");
            return null;
        }

        try
        {
            return await PassAsync(held, trigger, first: null, cancellationToken);
        }
        catch (Exception exception) when (exception is StaleEpochException || held.IsLost)
        {
            // Somebody else is at it by now, or may be; no reason to leave the other gateways alone.
            TakenOver(gateway, exception.Message);
            metrics.Passed(trigger, "skipped");
            return null;
        }
    }

    /// <summary>
    /// One pass under a lock that the caller holds. Whatever Cloudflare or the rule sets do wrong ends in the run and the conditions; only faults of
    /// our own, as a database that is gone, are thrown. <paramref name="first"/>: what the caller has just seen, if it has.
    /// </summary>
    public async Task<Run> PassAsync(GatewayLock held, string trigger, Look? first, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var pass = new Pass(held, trigger, time);
        try
        {
            await RunAsync(pass, first, cancellationToken);
        }
        catch (Exception exception) when (Faults.Explain(exception) is { } fault)
        {
            pass.Fail(fault);
        }

        var isNews = await FinishAsync(pass, cancellationToken);
        metrics.Took(trigger, "total", time.GetElapsedTime(started));
        metrics.Passed(trigger, pass.Outcome);
        if (pass.Facts.Fault is var (reason, message) && isNews)
        {
            Failed(held.Gateway, trigger, reason, message);
        }

        return pass.ToRun();
    }

    private async Task RunAsync(Pass pass, Look? first, CancellationToken cancellationToken)
    {
        var gateway = pass.Held.Gateway;
        await recovery.RecoverAsync(pass.Held, cancellationToken);
        for (var round = 1; ; round++)
        {
            var look = round == 1 && first is not null ? first : await LookAsync(gateway, pass.Trigger, cancellationToken);
            await SeenAsync(pass, look, cancellationToken);
            if (look.Plan.IsEmpty)
            {
                return;
            }

            try
            {
                var applying = time.GetTimestamp();
                await applier.ApplyAsync(pass.Held, pass.Id, look.Plan, look.Observed, change => Applied(pass, change), cancellationToken);
                metrics.Took(pass.Trigger, "apply", time.GetElapsedTime(applying));
                break;
            }
            catch (Exception exception) when (round < Rounds && exception is PlanStaleException or CloudflareException { IsAmbiguous: true })
            {
                // Somebody changed Cloudflare meanwhile, or a call had no effect: the next round sees what is left to do.
                LookingAgain(gateway, exception.Message);
            }
        }

        pass.Remain((await LookAsync(gateway, pass.Trigger, cancellationToken)).Plan);
    }

    private async Task<Look> LookAsync(string gateway, string trigger, CancellationToken cancellationToken)
    {
        var observing = time.GetTimestamp();
        var look = await lookout.LookAsync(gateway, await desiredStates.ActiveAsync(gateway, cancellationToken), cancellationToken);
        metrics.Took(trigger, "observe", time.GetElapsedTime(observing));
        return look;
    }

    private async Task SeenAsync(Pass pass, Look look, CancellationToken cancellationToken)
    {
        await using var db = pass.Held.OpenDb();
        var isFirst = pass.Facts.Found is null;
        metrics.Desired(pass.Held.Gateway, ReconciliationMetrics.NumberOf(look.Plan.Revision));
        pass.See(look.Plan, await StatusStore.AppliedAsync(db, pass.Held.Gateway, cancellationToken));
        if (!look.Plan.IsEmpty && isFirst)
        {
            // The run is known before its first call, and drift is told before it is repaired.
            db.Runs.Add(pass.ToRow());
            await db.SaveChangesAsync(cancellationToken);
            if (pass.Facts.WasApplied)
            {
                await statuses.WriteAsync(db, pass.Held.Gateway, pass.Facts with { Remaining = look.Plan }, cancellationToken);
                DriftFound(pass.Held.Gateway, look.Plan.Actions.Count(), string.Join(", ", look.Plan.Actions.Select(change => change.Field ?? change.Key)));
            }
        }
    }

    private void Applied(Pass pass, Change change)
    {
        pass.Did(change);
        metrics.Changed(change, "done");
    }

    /// <summary>False when the fault was there at the pass before: an outage is one run and one line in the log, not one per interval.</summary>
    private async Task<bool> FinishAsync(Pass pass, CancellationToken cancellationToken)
    {
        await using var db = pass.Held.OpenDb();
        var before = await db.GatewayStatuses.AsNoTracking().SingleOrDefaultAsync(status => status.Gateway == pass.Held.Gateway, cancellationToken);
        var isNews = pass.Facts.Fault is var (reason, _)
            && (before is null || !GatewayStatus.Of(before).Conditions.Any(condition => condition.Type == Condition.Ready && condition.Reason == reason));
        await statuses.WriteAsync(db, pass.Held.Gateway, pass.Facts, cancellationToken);
        if (pass.Failed is { } failed)
        {
            metrics.Changed(failed, "failed");
        }

        if (pass.IsStored)
        {
            db.Runs.Update(pass.ToRow());
        }
        else if (isNews || pass.Trigger is not (RunTrigger.Interval or RunTrigger.Resume))
        {
            db.Runs.Add(pass.ToRow());
        }

        await db.SaveChangesAsync(cancellationToken);
        await RunStore.TrimAsync(db, pass.Held.Gateway, cancellationToken);
        return isNews;
    }

    [LoggerMessage(2000, LogLevel.Warning, "Gateway {Gateway} drifted: {Count} changes made elsewhere, {Fields}")]
    private partial void DriftFound(string gateway, int count, string fields);

    [LoggerMessage(2004, LogLevel.Warning, "The pass over gateway {Gateway} was given up: {Why}")]
    private partial void TakenOver(string gateway, string why);

    [LoggerMessage(2001, LogLevel.Information, "Gateway {Gateway} moved during the pass, looking again: {Why}")]
    private partial void LookingAgain(string gateway, string why);

    [LoggerMessage(2002, LogLevel.Error, "Gateway {Gateway} could not be reconciled ({Trigger}), {Reason}: {Message}")]
    private partial void Failed(string gateway, string trigger, string reason, string message);
}
