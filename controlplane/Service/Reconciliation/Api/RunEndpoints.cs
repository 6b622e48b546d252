using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary>`Gateway` absent: every one that anything is desired of.</summary>
public sealed record ReconcileRequest(string? Gateway = null);

public sealed record RunListAnswer(IReadOnlyList<Run> Runs, string? Next = null);

/// <summary>`reconcile` and `runs`.</summary>
public static class RunEndpoints
{
    public static void MapRuns(this RouteGroupBuilder api)
    {
        api.MapPost("/reconcile", ReconcileAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithTags("Runs").WithSummary("Looks now, and repairs what differs.");
        api.MapGet("/runs", ListAsync).RequireOperator(OperatorScope.Read).WithTags("Runs").WithSummary("What was done, newest first.");
    }

    private static async Task<Results<Ok<RunListAnswer>, ProblemHttpResult>> ReconcileAsync(
        [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] ReconcileRequest? request, AllGateways gateways, GatewayQueries queries, HttpContext http, CancellationToken cancellationToken)
    {
        // A pass over what nobody knows would leave a status behind for every name that anybody thinks of.
        if (request?.Gateway is { } asked && await ReconciliationProblems.UnknownAsync(asked, queries, cancellationToken) is { } unknown)
        {
            return unknown;
        }

        return TypedResults.Ok(new RunListAnswer(await gateways.AskedAsync(request?.Gateway, http.Actor(), cancellationToken)));
    }

    private static async Task<Results<Ok<RunListAnswer>, ProblemHttpResult>> ListAsync(
        string? gateway, string? trigger, string? outcome, int? limit, string? cursor, RunStore runs, CancellationToken cancellationToken)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        if (page.After is not null && before is null)
        {
            return Page.Foreign();
        }

        if (gateway is not null && !GatewayId.IsValid(gateway))
        {
            return Problem.BadRequest("invalid_parameter", $"gateway must be {GatewayId.Rule}.");
        }

        if ((trigger is not null && !RunTrigger.All.Contains(trigger)) || (outcome is not null && !RunOutcome.All.Contains(outcome)))
        {
            return Problem.BadRequest("invalid_parameter", $"trigger is one of {string.Join(", ", RunTrigger.All)}, and outcome one of {string.Join(", ", RunOutcome.All)}.");
        }

        var (items, next) = page.Cut(await runs.ListAsync(new RunFilter(gateway, trigger, outcome), before, page.Limit + 1, cancellationToken), run => run.Id.ToString());
        return TypedResults.Ok(new RunListAnswer(items, next));
    }
}
