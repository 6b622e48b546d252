using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What the caller of `execute` asked for. <paramref name="Revision"/> null is the latest; <paramref name="PlanHash"/> null takes any plan.</summary>
public sealed record Execution(string RuleSet, int? Revision, string? PlanHash, string Trigger);

/// <summary>How an execution ended.</summary>
public abstract record ExecutionResult
{
    private ExecutionResult()
    {
    }

    /// <summary>No such rule set or revision.</summary>
    public sealed record NotFound : ExecutionResult;

    /// <summary>The plan is another than the one that the caller saw. Nothing was done.</summary>
    public sealed record PlanChanged(RuleSetPlan Plan) : ExecutionResult;

    /// <summary>Gateways of the rule set that Cloudflare does not have. Nothing was done.</summary>
    public sealed record GatewaysMissing(IReadOnlyList<string> Gateways) : ExecutionResult;

    /// <summary>The revision is active; each run says what became of its gateway.</summary>
    public sealed record Executed(RuleSetPlan Plan, IReadOnlyList<Run> Runs) : ExecutionResult;
}

/// <summary>Plans and executes one revision of a rule set over all its gateways.</summary>
public sealed class RuleSetExecution(
    IDbContextFactory<GatewayOpsDb> databases,
    Activations activations,
    DesiredStates desiredStates,
    Lookout lookout,
    GatewayControls controls,
    GatewayLocks locks,
    JournalRecovery recovery,
    Reconciler reconciler,
    IHostApplicationLifetime lifetime)
{
    /// <summary>Null when there is no such rule set or revision. Throws <see cref="RuleSetConflictException"/>.</summary>
    public async Task<RuleSetPlan?> PlanAsync(string ruleSet, int? revision, CancellationToken cancellationToken) =>
        await FindAsync(ruleSet, revision, cancellationToken) is { } candidate
            ? PlanOf(candidate, await LookAsync(candidate, await GatewaysAsync(candidate, cancellationToken), cancellationToken))
            : null;

    /// <summary>
    /// Observes and plans under the gateways' locks, compares the plan's hash, activates, applies. From the activation on it goes on without its
    /// caller, and what it cannot finish is finished by the next pass: the active revision says what is desired.
    /// </summary>
    public async Task<ExecutionResult> ExecuteAsync(Execution execution, Actor actor, CancellationToken cancellationToken)
    {
        if (await FindAsync(execution.RuleSet, execution.Revision, cancellationToken) is not { } candidate)
        {
            return new ExecutionResult.NotFound();
        }

        var gateways = await GatewaysAsync(candidate, cancellationToken);
        var held = await locks.AcquireAllAsync(gateways, cancellationToken);
        try
        {
            await controls.DemandRunningAsync(gateways, cancellationToken);
            foreach (var gateway in held)
            {
                await recovery.RecoverAsync(gateway, cancellationToken);
            }

            var looks = await LookAsync(candidate, gateways, cancellationToken);
            var plan = PlanOf(candidate, looks);
            if (execution.PlanHash is { } seen && seen != plan.Hash)
            {
                return new ExecutionResult.PlanChanged(plan);
            }

            var targets = activations.GatewaysOf(candidate.Document);
            if (looks.Where(look => !look.Plan.Exists && targets.Contains(look.Plan.Gateway)).Select(look => look.Plan.Gateway).ToList() is { Count: > 0 } missing)
            {
                return new ExecutionResult.GatewaysMissing(missing);
            }

            await ActivateAsync(candidate, held, execution.Trigger, actor, cancellationToken);
            FaultPoints.Reach("execute.activated");

            var runs = new List<Run>();
            foreach (var (gateway, look) in held.Zip(looks))
            {
                runs.Add(await reconciler.PassAsync(gateway, execution.Trigger, look, lifetime.ApplicationStopping));
            }

            return new ExecutionResult.Executed(plan, runs);
        }
        finally
        {
            await GatewayLocks.ReleaseAllAsync(held);
        }
    }

    private async Task<Revision?> FindAsync(string ruleSet, int? revision, CancellationToken cancellationToken)
    {
        if (!RuleSetName.IsValid(ruleSet))
        {
            return null;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await new ContentQueries(db).FindAsync(ruleSet, revision, cancellationToken) is { } row ? StoredRevision.Read(row) : null;
    }

    /// <summary>Those that the document targets, and those where the rule set is active and would no longer be. In the order of their locks.</summary>
    private async Task<IReadOnlyList<string>> GatewaysAsync(Revision candidate, CancellationToken cancellationToken) =>
        [.. activations.GatewaysOf(candidate.Document).Union((await desiredStates.ActiveOnAsync(candidate.Id.RuleSet, cancellationToken)).Keys).Order(StringComparer.Ordinal)];

    private async Task<IReadOnlyList<Look>> LookAsync(Revision candidate, IReadOnlyList<string> gateways, CancellationToken cancellationToken)
    {
        var looks = new List<Look>();
        foreach (var gateway in gateways)
        {
            looks.Add(await lookout.LookAsync(gateway, await desiredStates.CandidateAsync(gateway, candidate, cancellationToken), cancellationToken));
        }

        return looks;
    }

    private static RuleSetPlan PlanOf(Revision candidate, IReadOnlyList<Look> looks) => new(
        candidate.Id.RuleSet,
        candidate.Id.Number,
        [.. looks.Select(look => look.Plan)],
        [.. looks.SelectMany(look => look.Reading.Enforcements).Where(enforcement => enforcement.Source == candidate.Id).Distinct().Select(EnforcementAnswer.Of)]);

    private async Task ActivateAsync(Revision candidate, IReadOnlyList<GatewayLock> held, string kind, Actor actor, CancellationToken cancellationToken)
    {
        var targets = activations.GatewaysOf(candidate.Document);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var gatewayLock in held)
        {
            // Not on a plan that another replica may have overtaken.
            await gatewayLock.DemandAsync(db, cancellationToken);
            var (gateway, isTarget) = (gatewayLock.Gateway, targets.Contains(gatewayLock.Gateway));
            await activations.ActivateAsync(db, gateway, candidate.Id.RuleSet, isTarget ? candidate.Id.Number : null, isTarget ? kind : "deactivate", actor, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
