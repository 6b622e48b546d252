using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What the caller of `execute` asked for. <paramref name="Revision"/> null is that of the named plan, or the latest.</summary>
public sealed record Execution(string RuleSet, int? Revision, string Trigger)
{
    /// <summary>Both null: plans and executes at once.</summary>
    public Guid? PlanId { get; init; }
    public string? PlanHash { get; init; }

    /// <summary>Null: as the named plan says, or false.</summary>
    public bool? Prune { get; init; }
    public bool? AllowMassDelete { get; init; }

    /// <summary>True: everything but the activation and what follows it.</summary>
    public bool DryRun { get; init; }

    /// <summary>The caller's Idempotency-Key.</summary>
    public string? Key { get; init; }
}

/// <summary>How an execution ended.</summary>
public abstract record ExecutionResult
{
    private ExecutionResult()
    {
    }

    /// <summary>No such rule set or revision.</summary>
    public sealed record NotFound : ExecutionResult;

    /// <summary>The plan that was named cannot be executed. Nothing was done.</summary>
    public sealed record PlanRefused(PlanRefusal Refusal, PlanRow? Plan) : ExecutionResult;

    /// <summary>The plan is another than the one that the caller saw. Nothing was done.</summary>
    public sealed record PlanChanged(RuleSetPlan Plan) : ExecutionResult;

    /// <summary>Gateways of the rule set that Cloudflare does not have. Nothing was done.</summary>
    public sealed record GatewaysMissing(IReadOnlyList<string> Gateways) : ExecutionResult;

    /// <summary>More would be deleted, or no longer said, than the caller allowed; <paramref name="Deletion"/> has the numbers where it is about deletions. Nothing was done.</summary>
    public sealed record MassDeleteRefused(string What, MassDelete? Deletion = null) : ExecutionResult
    {
        /// <summary>Null for plans that hold nothing back.</summary>
        public static MassDeleteRefused? Of(IEnumerable<Look> looks) =>
            looks.Select(look => look.Plan).FirstOrDefault(plan => plan.MassDelete is not null) is { MassDelete: { } deletion } plan ? new($"Gateway {plan.Gateway}: {deletion.Message}", deletion) : null;
    }

    /// <summary>What a dry run found: it could be executed.</summary>
    public sealed record Planned(RuleSetPlan Plan) : ExecutionResult;

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
    PlanStore plans,
    Replicas replicas,
    GatewayLocks locks,
    JournalRecovery recovery,
    Reconciler reconciler,
    IHostApplicationLifetime lifetime)
{
    /// <summary>A plan that can be executed by its id or hash for a while. Null when there is no such rule set or revision. Throws <see cref="RuleSetConflictException"/>.</summary>
    public async Task<RuleSetPlan?> PlanAsync(string ruleSet, int? revision, Deletions deletions, Actor actor, CancellationToken cancellationToken)
    {
        if (await FindAsync(ruleSet, revision, cancellationToken) is not { } candidate)
        {
            return null;
        }

        var looks = await LookAsync(candidate, await GatewaysAsync(candidate, cancellationToken), deletions, cancellationToken);
        return await KeepAsync(PlanOf(candidate.Id, looks, deletions), actor, cancellationToken);
    }

    /// <summary>
    /// Observes and plans under the gateways' locks, compares with the plan that the caller names, activates, applies. From the activation on it goes on
    /// without its caller, and what it cannot finish is finished by the next pass: the active revision says what is desired.
    /// </summary>
    public async Task<ExecutionResult> ExecuteAsync(Execution execution, Actor actor, CancellationToken cancellationToken)
    {
        var named = await plans.FindAsync(execution, actor, cancellationToken);
        if (named?.Refusal is { } refusal)
        {
            return new ExecutionResult.PlanRefused(refusal, named.Row);
        }

        if (await FindAsync(execution.RuleSet, named?.Row!.Revision ?? execution.Revision, cancellationToken) is not { } candidate)
        {
            return new ExecutionResult.NotFound();
        }

        var gateways = await GatewaysAsync(candidate, cancellationToken);
        if (execution.DryRun)
        {
            await controls.DemandRunningAsync(gateways, cancellationToken);
            var attempt = await AttemptAsync(execution, candidate, gateways, named, cancellationToken);
            return attempt.Refusal ?? new ExecutionResult.Planned(named is null ? await KeepAsync(attempt.Plan, actor, cancellationToken) : attempt.Plan);
        }

        IReadOnlyList<GatewayLock> held;
        try
        {
            held = await locks.AcquireAllAsync(gateways, cancellationToken);
        }
        catch (GatewayBusyException) when (named is not null)
        {
            // What kept us waiting may have been the very plan.
            if ((await plans.FindAsync(execution, actor, cancellationToken))!.Refusal is { } meanwhile)
            {
                return new ExecutionResult.PlanRefused(meanwhile, named.Row);
            }

            throw;
        }

        try
        {
            await controls.DemandRunningAsync(gateways, cancellationToken);

            // Whoever was here before may have executed the very plan.
            named = await plans.FindAsync(execution, actor, cancellationToken);
            if (named?.Refusal is { } late)
            {
                return new ExecutionResult.PlanRefused(late, named.Row);
            }

            foreach (var gateway in held)
            {
                await recovery.RecoverAsync(gateway, cancellationToken);
            }

            var attempt = await AttemptAsync(execution, candidate, gateways, named, cancellationToken);
            if (attempt.Refusal is ExecutionResult.PlanChanged changed)
            {
                return new ExecutionResult.PlanChanged(await KeepAsync(changed.Plan, actor, cancellationToken));
            }

            if (attempt.Refusal is { } refused)
            {
                return refused;
            }

            if (await ActivateAsync(execution, candidate, held, attempt.Deletions, named, actor, cancellationToken) is { } overtaken)
            {
                return overtaken;
            }

            FaultPoints.Reach("execute.activated");

            var runs = new List<Run>();
            foreach (var (gateway, look) in held.Zip(attempt.Looks))
            {
                runs.Add(await reconciler.PassAsync(gateway, execution.Trigger, look, lifetime.ApplicationStopping));
            }

            return new ExecutionResult.Executed(attempt.Plan, runs);
        }
        finally
        {
            await GatewayLocks.ReleaseAllAsync(held);
        }
    }

    /// <summary>What the removal of a rule set would do where it is active; null when there is no such rule set. Its revision is that which would be removed.</summary>
    public async Task<(RuleSetPlan Plan, ExecutionResult.MassDeleteRefused? Refused)?> PlanRemovalAsync(string ruleSet, Deletions deletions, CancellationToken cancellationToken)
    {
        if (await FindAsync(ruleSet, revision: null, cancellationToken) is not { } latest)
        {
            return null;
        }

        var looks = new List<Look>();
        foreach (var gateway in (await desiredStates.ActiveOnAsync(ruleSet, cancellationToken)).Keys.Order(StringComparer.Ordinal))
        {
            looks.Add(await lookout.LookAsync(gateway, await desiredStates.WithoutAsync(gateway, ruleSet, deletions, cancellationToken), cancellationToken));
        }

        return (PlanOf(latest.Id, looks, deletions), ExecutionResult.MassDeleteRefused.Of(looks));
    }

    private async Task<RuleSetPlan> KeepAsync(RuleSetPlan plan, Actor actor, CancellationToken cancellationToken) =>
        await plans.KeepAsync(plan with { Replicas = await replicas.LoadedAsync(plan.Gateways.Select(gateway => gateway.Gateway), cancellationToken) }, actor, cancellationToken);

    /// <summary>What would be done now, and why it is not, if it is not.</summary>
    private sealed record Attempt(IReadOnlyList<Look> Looks, RuleSetPlan Plan, Deletions Deletions, ExecutionResult? Refusal);

    private async Task<Attempt> AttemptAsync(Execution execution, Revision candidate, IReadOnlyList<string> gateways, NamedPlan? named, CancellationToken cancellationToken)
    {
        var deletions = new Deletions(execution.Prune ?? named?.Row!.Prune ?? false, execution.AllowMassDelete ?? named?.Row!.AllowMassDelete ?? false);
        var looks = await LookAsync(candidate, gateways, deletions, cancellationToken);
        var plan = PlanOf(candidate.Id, looks, deletions);
        return new Attempt(looks, plan, deletions, await RefusalAsync(candidate, looks, plan, named, cancellationToken));
    }

    private async Task<ExecutionResult?> RefusalAsync(Revision candidate, IReadOnlyList<Look> looks, RuleSetPlan plan, NamedPlan? named, CancellationToken cancellationToken)
    {
        // What a repetition repeats was found good, and half of it may be done.
        if (named is { IsRepetition: true })
        {
            return null;
        }

        if (named is not null && named.Row!.Hash != plan.Hash)
        {
            return new ExecutionResult.PlanChanged(plan);
        }

        var targets = activations.GatewaysOf(candidate.Document);
        if (looks.Where(look => !look.Plan.Exists && targets.Contains(look.Plan.Gateway)).Select(look => look.Plan.Gateway).ToList() is { Count: > 0 } missing)
        {
            return new ExecutionResult.GatewaysMissing(missing);
        }

        return plan.AllowMassDelete ? null : await EmptiedAsync(candidate, cancellationToken) ?? ExecutionResult.MassDeleteRefused.Of(looks);
    }

    /// <summary>A revision that asks for nothing where an active one does is more often a mistake than meant, even where nothing is deleted.</summary>
    private async Task<ExecutionResult.MassDeleteRefused?> EmptiedAsync(Revision candidate, CancellationToken cancellationToken)
    {
        if (AsksForSomething(candidate.Document))
        {
            return null;
        }

        foreach (var number in (await desiredStates.ActiveOnAsync(candidate.Id.RuleSet, cancellationToken)).Values.Distinct().Order())
        {
            if (await FindAsync(candidate.Id.RuleSet, number, cancellationToken) is { } before && AsksForSomething(before.Document))
            {
                return new($"{candidate.Id} asks for nothing (no rules, providers, settings, routes, policies), where the active {before.Id} does");
            }
        }

        return null;
    }

    private static bool AsksForSomething(RuleSet document) => document.Leaves.Any(leaf => leaf.Pointer.Split('/')[1] is not ("$schema" or "name" or "gateways" or "priority"));

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

    private async Task<IReadOnlyList<Look>> LookAsync(Revision candidate, IReadOnlyList<string> gateways, Deletions deletions, CancellationToken cancellationToken)
    {
        var looks = new List<Look>();
        foreach (var gateway in gateways)
        {
            looks.Add(await lookout.LookAsync(gateway, await desiredStates.CandidateAsync(gateway, candidate, deletions, cancellationToken), cancellationToken));
        }

        return looks;
    }

    private static RuleSetPlan PlanOf(RevisionId candidate, IReadOnlyList<Look> looks, Deletions deletions) => new(
        candidate.RuleSet,
        candidate.Number,
        [.. looks.Select(look => look.Plan)],
        [.. looks.SelectMany(look => look.Reading.Enforcements).Where(enforcement => enforcement.Source == candidate).Distinct().Select(EnforcementAnswer.Of)])
    {
        Prune = deletions.Prune,
        AllowMassDelete = deletions.AllowMassDelete,
    };

    /// <summary>Null when the revision is active now; otherwise nothing was changed.</summary>
    private async Task<ExecutionResult?> ActivateAsync(
        Execution execution, Revision candidate, IReadOnlyList<GatewayLock> held, Deletions deletions, NamedPlan? named, Actor actor, CancellationToken cancellationToken)
    {
        var targets = activations.GatewaysOf(candidate.Document);
        if (named is { IsRepetition: true })
        {
            var active = await desiredStates.ActiveOnAsync(candidate.Id.RuleSet, cancellationToken);
            return targets.All(gateway => active.TryGetValue(gateway, out var number) && number == candidate.Id.Number) ? null : new ExecutionResult.PlanRefused(PlanRefusal.Executed, named.Row);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (named is not null && !await plans.ConsumeAsync(db, named.Row!, execution, actor, cancellationToken))
        {
            return new ExecutionResult.PlanRefused(PlanRefusal.Executed, named.Row);
        }

        // A removal waits for us, or we see it.
        if (!await db.RuleSets.FromSql($"select *, xmin from rule_sets where name = {candidate.Id.RuleSet} and removed_at is null for share").AsNoTracking().AnyAsync(cancellationToken))
        {
            return new ExecutionResult.NotFound();
        }

        foreach (var gatewayLock in held)
        {
            // Not on a plan that another replica may have overtaken.
            await gatewayLock.DemandAsync(db, cancellationToken);
            var (gateway, isTarget) = (gatewayLock.Gateway, targets.Contains(gatewayLock.Gateway));
            await activations.ActivateAsync(
                db, gateway, candidate.Id.RuleSet, isTarget ? candidate.Id.Number : null, isTarget ? execution.Trigger : "deactivate", deletions, actor, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
