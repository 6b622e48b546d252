using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary><paramref name="Revision"/> null: the latest.</summary>
public sealed record PlanRequest(int? Revision = null, bool Prune = false, bool AllowMassDelete = false);

/// <summary>
/// <paramref name="PlanId"/> or <paramref name="PlanHash"/>: what the caller saw; another plan now is 409 plan_changed. What else is null is as the plan has it. <paramref name="DryRun"/> changes nothing.
/// </summary>
public sealed record ExecuteRequest(int? Revision = null, Guid? PlanId = null, string? PlanHash = null, bool DryRun = false, bool? Prune = null, bool? AllowMassDelete = null);

public sealed record RollbackRequest(int Revision, Guid? PlanId = null, string? PlanHash = null, bool DryRun = false, bool? Prune = null, bool? AllowMassDelete = null);

/// <summary><paramref name="Outcome"/>: succeeded, failed (a run says why; the next pass goes on), or planned for a dry run, whose <paramref name="PlanId"/> can be executed.</summary>
public sealed record ExecutionAnswer(string RuleSet, int Revision, Guid? PlanId, string PlanHash, bool Prune, bool AllowMassDelete, string Outcome, IReadOnlyList<ExecutionRun> Runs)
{
    public static ExecutionAnswer Of(RuleSetPlan plan, string outcome, IEnumerable<ExecutionRun> runs) =>
        new(plan.RuleSet, plan.Revision, plan.Id, plan.Hash, plan.Prune, plan.AllowMassDelete, outcome, [.. runs]);
}

/// <summary>What became of one gateway. <paramref name="Id"/> is null for a dry run.</summary>
public sealed record ExecutionRun(Guid? Id, string Gateway, string Outcome, string PlanHash, IReadOnlyList<RunChange> Changes, string? Error)
{
    public static ExecutionRun Of(Run run) => new(run.Id, run.Gateway, run.Outcome, run.PlanHash ?? "", run.Changes, run.Error);

    public static ExecutionRun Planned(Plan plan) =>
        new(null, plan.Gateway, "planned", plan.Hash, [.. plan.Changes.Select(change => RunChange.Of(change, change.IsAction ? "not_done" : "reported", drift: false))], null);
}

/// <summary>The verbs of `content` that compare a rule set with Cloudflare.</summary>
public static class ExecutionEndpoints
{
    public static void MapExecution(this RouteGroupBuilder api)
    {
        var content = api.MapGroup("/content/{name}").WithTags("Content");
        content.MapPost("/plan", PlanAsync).Produces<RuleSetPlan>().Produces<string>(StatusCodes.Status200OK, "text/plain").RequireOperator(OperatorScope.Read).WithSummary("What executing a revision would change, and where each setting is enforced. Accept: text/plain gives it for people.");
        content.MapPost("/execute", ExecuteAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Activates a revision and applies it.");
        content.MapPost("/rollback", RollbackAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Activates an earlier revision and applies it.");
        content.MapDelete("", RemoveAsync).RequireOperator(OperatorScope.Apply).Idempotent().TakesIfMatch(required: true).WithSummary("Removes a rule set and deactivates it on every gateway; its revisions stay.");
    }

    private static async Task<Results<Ok<RuleSetPlan>, ContentHttpResult, ProblemHttpResult>> PlanAsync(
        string name, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] PlanRequest? request, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken)
    {
        request ??= new PlanRequest();
        var plan = await execution.PlanAsync(name, request.Revision, new Deletions(request.Prune, request.AllowMassDelete), http.Actor(), cancellationToken);
        return plan is null ? ContentEndpoints.Unknown(name, request.Revision)
            : http.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "text/plain") ? TypedResults.Text(RuleSetPlanText.Of(plan))
            : TypedResults.Ok(plan);
    }

    private static Task<Results<Ok<ExecutionAnswer>, ProblemHttpResult>> ExecuteAsync(
        string name, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] ExecuteRequest? request, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken)
    {
        request ??= new ExecuteRequest();
        return RunAsync(
            new Execution(name, request.Revision, RunTrigger.Execute) { PlanId = request.PlanId, PlanHash = request.PlanHash, Prune = request.Prune, AllowMassDelete = request.AllowMassDelete, DryRun = request.DryRun },
            http, execution, cancellationToken);
    }

    private static Task<Results<Ok<ExecutionAnswer>, ProblemHttpResult>> RollbackAsync(
        string name, RollbackRequest request, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken) => RunAsync(
            new Execution(name, request.Revision, RunTrigger.Rollback) { PlanId = request.PlanId, PlanHash = request.PlanHash, Prune = request.Prune, AllowMassDelete = request.AllowMassDelete, DryRun = request.DryRun },
            http, execution, cancellationToken);

    private static async Task<Results<Ok<ExecutionAnswer>, ProblemHttpResult>> RunAsync(Execution asked, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken)
    {
        var key = http.Request.Headers[Idempotency.KeyHeader].ToString();
        return await execution.ExecuteAsync(asked with { Key = key.Length > 0 ? key : null }, http.Actor(), cancellationToken) switch
        {
            ExecutionResult.PlanRefused refused => ExecutionProblems.PlanRefused(asked, refused),
            ExecutionResult.PlanChanged changed => ExecutionProblems.PlanChanged(changed.Plan),
            ExecutionResult.GatewaysMissing missing => Problem.Conflict("gateway_not_found", ReconciliationProblems.Missing(missing.Gateways)),
            ExecutionResult.MassDeleteRefused refused => ExecutionProblems.MassDeleteRefused(refused),
            ExecutionResult.Planned planned => TypedResults.Ok(ExecutionAnswer.Of(planned.Plan, "planned", planned.Plan.Gateways.Select(ExecutionRun.Planned))),
            ExecutionResult.Executed done => TypedResults.Ok(ExecutionAnswer.Of(
                done.Plan, done.Runs.All(run => run.Outcome == RunOutcome.Succeeded) ? RunOutcome.Succeeded : RunOutcome.Failed, done.Runs.Select(ExecutionRun.Of))),
            _ => ContentEndpoints.Unknown(asked.RuleSet, asked.Revision),
        };
    }

    private static async Task<Results<NoContent, Ok<RuleSetPlan>, ProblemHttpResult>> RemoveAsync(
        string name, HttpContext http, RuleSetExecution execution, ContentStore store, CancellationToken cancellationToken, bool prune = false, bool allowMassDelete = false, bool dryRun = false)
    {
        var (precondition, refusal) = Precondition.Of(http.Request, required: !dryRun);
        if (refusal is not null)
        {
            return refusal;
        }

        var deletions = new Deletions(prune, allowMassDelete);
        // Without deletions nothing depends on Cloudflare, and a rule set can be removed while it is away.
        if (dryRun || prune)
        {
            switch (await execution.PlanRemovalAsync(name, deletions, cancellationToken))
            {
                case null:
                    return ContentEndpoints.Unknown(name, null);
                case { Refused: { } refused }:
                    return ExecutionProblems.MassDeleteRefused(refused);
                case { Plan: var plan } when dryRun:
                    return TypedResults.Ok(plan);
            }
        }

        return await store.RemoveAsync(ContentEndpoints.Searchable(name), precondition, deletions, http.Actor(), cancellationToken) switch
        {
            Removal.Removed => TypedResults.NoContent(),
            Removal.Stale => Precondition.Failed(name),
            _ => ContentEndpoints.Unknown(name, null),
        };
    }
}
