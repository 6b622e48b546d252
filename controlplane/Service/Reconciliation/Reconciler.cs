using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Contests;
using GatewayOps.ControlPlane.Reconciliation.Controls;
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
    GatewayControls controls,
    ContestStore contests,
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
        var pass = await BeginAsync(held, trigger, cancellationToken);
        using var scope = Scope(log, pass.Id, held.Gateway);
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

    /// <summary>What each line of a pass carries besides.</summary>
    private static readonly Func<ILogger, Guid, string, IDisposable?> Scope = LoggerMessage.DefineScope<Guid, string>("{ReconcileId} {Gateway}");

    private async Task<Pass> BeginAsync(GatewayLock held, string trigger, CancellationToken cancellationToken)
    {
        await using var db = held.OpenDb();
        return new Pass(held, trigger, await controls.FindAsync(db, held.Gateway, cancellationToken), await StatusStore.FindAsync(db, held.Gateway, cancellationToken), time);
    }

    private async Task RunAsync(Pass pass, Look? first, CancellationToken cancellationToken)
    {
        var gateway = pass.Held.Gateway;
        await recovery.RecoverAsync(pass.Held, cancellationToken);
        for (var round = 1; ; round++)
        {
            var look = await SeenAsync(pass, round == 1 && first is not null ? first : await LookAsync(gateway, pass.Trigger, cancellationToken), cancellationToken);
            var (allowed, withheld) = pass.Control.Allow(look.Plan, pass.Trigger);
            if (withheld is { } why && !look.Plan.IsEmpty)
            {
                pass.Withhold(why);
            }

            if (allowed.IsEmpty)
            {
                pass.Remain(look.Plan);
                return;
            }

            try
            {
                await StoreAsync(pass, look.Plan, allowed, cancellationToken);
                var applying = time.GetTimestamp();
                await applier.ApplyAsync(pass.Held, pass.Id, look with { Plan = allowed }, change => Applied(pass, change), cancellationToken);
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

    /// <summary>Takes note of a look; what somebody keeps putting back is planned anew as what it is, a report.</summary>
    private async Task<Look> SeenAsync(Pass pass, Look look, CancellationToken cancellationToken)
    {
        metrics.Desired(pass.Held.Gateway, ReconciliationMetrics.NumberOf(look.Plan.Revision));
        var applied = pass.Before?.Applied;
        var (allowed, _) = pass.Control.Allow(look.Plan, pass.Trigger);
        if (!allowed.IsEmpty && Pass.IsDrift(pass.Trigger, look.Plan, applied) && await FoughtAsync(pass.Held, allowed, cancellationToken) is { Count: > 0 } fought)
        {
            Fought(pass.Held.Gateway, string.Join(", ", fought));
            var desired = look.Reading.Desired!;
            look = look with { Plan = Planner.Diff(desired with { Contested = desired.Contested.Union(fought).ToHashSet() }, look.Observed, look.Reading.Inventory) };
        }

        pass.See(look.Plan, applied);
        return look;
    }

    private async Task<IReadOnlySet<string>> FoughtAsync(GatewayLock held, Plan moved, CancellationToken cancellationToken)
    {
        await using var db = held.OpenDb();
        var fought = await contests.FoundAsync(db, held.Gateway, moved.Actions, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return fought;
    }

    /// <summary>The run is known before its first call, and drift is told before it is repaired.</summary>
    private async Task StoreAsync(Pass pass, Plan plan, Plan allowed, CancellationToken cancellationToken)
    {
        var isFirst = !pass.IsStored;
        pass.Begin(allowed);
        if (!isFirst)
        {
            return;
        }

        await using var db = pass.Held.OpenDb();
        db.Runs.Add(pass.ToRow());
        await db.SaveChangesAsync(cancellationToken);
        if (pass.Facts.WasApplied)
        {
            await statuses.WriteAsync(db, pass.Held.Gateway, pass.Facts with { Remaining = plan, IsUnderWay = true }, cancellationToken);
            DriftFound(pass.Held.Gateway, plan.Actions.Count(), string.Join(", ", plan.Actions.Select(change => change.Subject)));
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
        var isNews = pass.Facts.Fault is var (reason, _)
            && pass.Before?.Conditions.Any(condition => condition.Type == Condition.Ready && condition.Reason == reason) != true;
        var left = LeftAlone(pass.Facts).Except(pass.Before?.Drift ?? []).ToList();
        Audit(db, pass, isNews, left);
        await contests.PutRightAsync(db, pass.Held.Gateway, pass.Done, cancellationToken);
        if (pass.IsStored)
        {
            db.Runs.Update(pass.ToRow());
        }
        else if (isNews || left.Count > 0 || pass.IsAskedFor)
        {
            db.Runs.Add(pass.ToRow());
        }

        await statuses.WriteAsync(db, pass.Held.Gateway, pass.Facts, cancellationToken);
        if (pass.Failed is { } failed)
        {
            metrics.Changed(failed, "failed");
        }

        if (left.Count > 0 && pass.Facts is { WasApplied: true, Withheld: { } why })
        {
            DriftLeft(pass.Held.Gateway, why, string.Join(", ", left.Select(change => change.Subject)));
        }

        await RunStore.TrimAsync(db, pass.Held.Gateway, cancellationToken);
        return isNews;
    }

    // What differs and is not ours to put right, or not now.
    private static IEnumerable<Change> LeftAlone(PassFacts facts) =>
        facts.Remaining is { Exists: true } remaining ? remaining.Changes.Where(change => facts.Counts(change) && (!change.IsAction || facts is { Withheld: not null, WasApplied: true })) : [];

    /// <summary>One row for each change that was made, for one that failed when the fault is new, and for each difference that was left alone and is new.</summary>
    private void Audit(GatewayOpsDb db, Pass pass, bool isNews, IEnumerable<Change> left)
    {
        var now = time.GetUtcNow();
        void Append(string action, Change change, string result) => AuditLog.Append(db, Actor.Service, new(action, $"{pass.Held.Gateway}/{change.Subject}")
        {
            BeforeHash = ChangeHash.Of(change.From),
            AfterHash = ChangeHash.Of(change.To),
            Result = result,
        }, now);

        foreach (var (change, drift) in pass.Done)
        {
            Append(drift ? "drift.repair" : $"change.{SnakeCaseEnum<ChangeOp>.Of(change.Op)}", change, "ok");
        }

        if (pass.Failed is { } failed && isNews)
        {
            Append($"change.{SnakeCaseEnum<ChangeOp>.Of(failed.Op)}", failed, "failed");
        }

        foreach (var change in left)
        {
            Append("drift.found", change, pass.Facts.Withheld?.ToString().ToLowerInvariant() ?? "reported");
        }
    }

    [LoggerMessage(2000, LogLevel.Warning, "Gateway {Gateway} drifted: {Count} changes made elsewhere, {Subjects}")]
    private partial void DriftFound(string gateway, int count, string subjects);

    [LoggerMessage(2004, LogLevel.Warning, "The pass over gateway {Gateway} was given up: {Why}")]
    private partial void TakenOver(string gateway, string why);

    [LoggerMessage(2001, LogLevel.Information, "Gateway {Gateway} moved during the pass, looking again: {Why}")]
    private partial void LookingAgain(string gateway, string why);

    [LoggerMessage(2002, LogLevel.Error, "Gateway {Gateway} could not be reconciled ({Trigger}), {Reason}: {Message}")]
    private partial void Failed(string gateway, string trigger, string reason, string message);

    [LoggerMessage(2006, LogLevel.Warning, "Gateway {Gateway}: somebody else keeps putting back {Subjects}; it is left alone until the gateway is resumed")]
    private partial void Fought(string gateway, string subjects);

    [LoggerMessage(2007, LogLevel.Warning, "Gateway {Gateway} drifted and is {Why}, so it is left as it is: {Subjects}")]
    private partial void DriftLeft(string gateway, Withheld why, string subjects);
}
