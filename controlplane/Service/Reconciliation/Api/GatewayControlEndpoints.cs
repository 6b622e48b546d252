using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary><paramref name="Ignore"/>: subjects whose differences are shown and not put right; absent is none.</summary>
public sealed record GatewayControlRequest(ReconcileMode Mode, IReadOnlyList<string>? Ignore = null);

/// <summary><paramref name="Paused"/> null: it is not.</summary>
public sealed record GatewayControlAnswer(string Gateway, ReconcileMode Mode, IReadOnlyList<string> Ignore, Pause? Paused, DateTimeOffset? UpdatedAt)
{
    public static GatewayControlAnswer Of(GatewayControl control) => new(control.Gateway, control.Mode, control.Ignored, control.Paused, control.UpdatedAt);
}

/// <summary><paramref name="Reason"/>: for whoever finds it paused; up to 200 characters.</summary>
public sealed record PauseRequest(string? Reason = null);

/// <summary>`gateways/{id}/control`, `pause` and `resume`: how one gateway is reconciled.</summary>
public static class GatewayControlEndpoints
{
    private const int MostSubjects = 200;
    private const int LongestReason = 200;

    public static void MapGatewayControl(this RouteGroupBuilder api)
    {
        var gateway = api.MapGroup("/gateways/{id}").WithTags("Gateways");
        gateway.MapGet("/control", FindAsync).RequireOperator(OperatorScope.Read).WithSummary("How the gateway is reconciled.");
        gateway.MapPut("/control", SetAsync).RequireOperator(OperatorScope.Apply).TakesIfMatch(required: true).WithSummary("Sets how the gateway is reconciled: enforce or observe, and what to leave alone.");
        gateway.MapPost("/pause", PauseAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Nothing is written to the gateway any more, not even by an execute.");
        gateway.MapPost("/resume", ResumeAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Ends a pause, and takes back what was left to another writer.");
    }

    private static async Task<Results<Ok<GatewayControlAnswer>, ProblemHttpResult>> FindAsync(
        string id, GatewayControls controls, GatewayQueries queries, HttpResponse response, CancellationToken cancellationToken) =>
        await ReconciliationProblems.UnknownAsync(id, queries, cancellationToken) ?? Answer(await controls.FindAsync(id, cancellationToken), response);

    private static async Task<Results<Ok<GatewayControlAnswer>, ProblemHttpResult>> SetAsync(
        string id, GatewayControlRequest request, GatewayControls controls, GatewayQueries queries, HttpContext http, CancellationToken cancellationToken)
    {
        var (precondition, refusal) = Precondition.Of(http.Request, required: true);
        var ignore = request.Ignore ?? [];
        refusal ??= Check(ignore).ToList() is { Count: > 0 } errors ? Problem.Of(422, "gateway_control_invalid", "The control is not valid", errors[0].Message, errors) : null;
        refusal ??= await ReconciliationProblems.UnknownAsync(id, queries, cancellationToken);
        return refusal is not null ? refusal
            : await controls.SetAsync(id, request.Mode, ignore, precondition, http.Actor(), cancellationToken) is { } control ? Answer(control, http.Response)
            : Precondition.Failed($"The control of gateway {id}");
    }

    private static async Task<Results<Ok<GatewayControlAnswer>, ProblemHttpResult>> PauseAsync(
        string id, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] PauseRequest? request, GatewayControls controls, GatewayQueries queries, HttpContext http, CancellationToken cancellationToken)
    {
        var reason = string.IsNullOrWhiteSpace(request?.Reason) ? null : request.Reason.Trim();
        return reason is not null && (reason.Length > LongestReason || reason.Any(char.IsControl))
            ? Problem.Of(422, "pause_invalid", "The pause is not valid", $"reason must be one line of up to {LongestReason} characters.", [new(RuleSetErrorCodes.InvalidValue, "/reason", $"Must be one line of up to {LongestReason} characters.")])
            : await ReconciliationProblems.UnknownAsync(id, queries, cancellationToken) ?? Answer(await controls.PauseAsync(id, reason, http.Actor(), cancellationToken), http.Response);
    }

    private static async Task<Results<Ok<GatewayControlAnswer>, ProblemHttpResult>> ResumeAsync(
        string id, GatewayControls controls, GatewayQueries queries, HttpContext http, CancellationToken cancellationToken) =>
        await ReconciliationProblems.UnknownAsync(id, queries, cancellationToken) ?? Answer(await controls.ResumeAsync(id, http.Actor(), cancellationToken), http.Response);

    private static Results<Ok<GatewayControlAnswer>, ProblemHttpResult> Answer(GatewayControl control, HttpResponse response)
    {
        response.Headers.ETag = Precondition.Tag(control.Version);
        return TypedResults.Ok(GatewayControlAnswer.Of(control));
    }

    private static IEnumerable<RuleSetError> Check(IReadOnlyList<string> ignore)
    {
        if (ignore.Count > MostSubjects)
        {
            yield return new(RuleSetErrorCodes.OutOfRange, "/ignore", $"ignore takes up to {MostSubjects} subjects.");
        }

        for (var i = 0; i < ignore.Count; i++)
        {
            if (!Subject.IsValid(ignore[i]))
            {
                yield return new(RuleSetErrorCodes.InvalidValue, $"/ignore/{i}", $"/ignore/{i} must be {Subject.Rule}.");
            }
            else if (ignore.Take(i).Contains(ignore[i]))
            {
                yield return new(RuleSetErrorCodes.DuplicateName, $"/ignore/{i}", $"{ignore[i]} is given twice: remove one.");
            }
        }
    }
}
