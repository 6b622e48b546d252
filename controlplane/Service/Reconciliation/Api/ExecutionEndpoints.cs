using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary><paramref name="Revision"/> null: the latest.</summary>
public sealed record PlanRequest(int? Revision = null);

/// <summary><paramref name="PlanHash"/>: what the caller saw; another plan now is 409 plan_changed. <paramref name="DryRun"/> changes nothing.</summary>
public sealed record ExecuteRequest(int? Revision = null, string? PlanHash = null, bool DryRun = false);

public sealed record RollbackRequest(int Revision, string? PlanHash = null, bool DryRun = false);

/// <summary><paramref name="Outcome"/>: succeeded, failed (a run says why; the next pass goes on), or planned for a dry run.</summary>
public sealed record ExecutionAnswer(string RuleSet, int Revision, string PlanHash, string Outcome, IReadOnlyList<ExecutionRun> Runs);

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
        content.MapPost("/plan", PlanAsync).RequireOperator(OperatorScope.Apply).WithSummary("What executing a revision would change, and where each setting is enforced. Accept: text/plain gives it for people.");
        content.MapPost("/execute", ExecuteAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Activates a revision and applies it.");
        content.MapPost("/rollback", RollbackAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Activates an earlier revision and applies it.");
    }

    private static async Task<Results<Ok<RuleSetPlan>, ContentHttpResult, ProblemHttpResult>> PlanAsync(
        string name, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] PlanRequest? request, HttpRequest http, RuleSetExecution execution, CancellationToken cancellationToken)
    {
        var plan = await execution.PlanAsync(name, request?.Revision, cancellationToken);
        return plan is null ? NotFound(name, request?.Revision)
            : http.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "text/plain") ? TypedResults.Text(string.Concat(plan.Gateways.Select(PlanText.Of)))
            : TypedResults.Ok(plan);
    }

    private static Task<Results<Ok<ExecutionAnswer>, ProblemHttpResult>> ExecuteAsync(
        string name, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] ExecuteRequest? request, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken)
    {
        request ??= new ExecuteRequest();
        return RunAsync(new Execution(name, request.Revision, request.PlanHash, RunTrigger.Execute), request.DryRun, http, execution, cancellationToken);
    }

    private static Task<Results<Ok<ExecutionAnswer>, ProblemHttpResult>> RollbackAsync(
        string name, RollbackRequest request, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken) =>
        RunAsync(new Execution(name, request.Revision, request.PlanHash, RunTrigger.Rollback), request.DryRun, http, execution, cancellationToken);

    private static async Task<Results<Ok<ExecutionAnswer>, ProblemHttpResult>> RunAsync(
        Execution asked, bool dryRun, HttpContext http, RuleSetExecution execution, CancellationToken cancellationToken)
    {
        if (dryRun)
        {
            return await execution.PlanAsync(asked.RuleSet, asked.Revision, cancellationToken) switch
            {
                null => NotFound(asked.RuleSet, asked.Revision),
                var plan when asked.PlanHash is { } seen && seen != plan.Hash => PlanChanged(plan),
                var plan => TypedResults.Ok(new ExecutionAnswer(plan.RuleSet, plan.Revision, plan.Hash, "planned", [.. plan.Gateways.Select(ExecutionRun.Planned)])),
            };
        }

        return await execution.ExecuteAsync(asked, http.Actor(), cancellationToken) switch
        {
            ExecutionResult.PlanChanged changed => PlanChanged(changed.Plan),
            ExecutionResult.GatewaysMissing missing => Problem.Conflict("gateway_not_found", ReconciliationProblems.Missing(missing.Gateways)),
            ExecutionResult.Executed done => TypedResults.Ok(new ExecutionAnswer(
                done.Plan.RuleSet,
                done.Plan.Revision,
                done.Plan.Hash,
                done.Runs.All(run => run.Outcome == RunOutcome.Succeeded) ? RunOutcome.Succeeded : RunOutcome.Failed,
                [.. done.Runs.Select(ExecutionRun.Of)])),
            _ => NotFound(asked.RuleSet, asked.Revision),
        };
    }

    private static ProblemHttpResult PlanChanged(RuleSetPlan plan)
    {
        var problem = Problem.Conflict("plan_changed", $"The plan is now {plan.Hash}: look at it with `gatewayops content plan --name {plan.RuleSet}`, then execute with its hash.");
        problem.ProblemDetails.Extensions["planHash"] = plan.Hash;
        return problem;
    }

    private static ProblemHttpResult NotFound(string name, int? revision) => revision is null
        ? Problem.NotFound("rule_set_not_found", $"There is no rule set {name}: `gatewayops content list` shows them.")
        : Problem.NotFound("revision_not_found", $"There is no revision {name}@{revision}: `gatewayops content history --name {name}` shows them.");
}
