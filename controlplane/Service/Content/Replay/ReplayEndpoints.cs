using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace GatewayOps.ControlPlane.Content.Replay;

/// <summary>
/// <paramref name="Document"/>: a draft, stored nowhere; otherwise <paramref name="Revision"/>, or the latest. <paramref name="Since"/> and <paramref name="Until"/>: a span back from now
/// (`24h`, which is the default) or a time.
/// </summary>
public sealed record ReplayRequest(JsonElement? Document = null, int? Revision = null, string? Gateway = null, string? Since = null, string? Until = null, int Limit = ReplayEndpoints.DefaultLimit);

/// <summary>`POST content/{name}/replay`.</summary>
public static class ReplayEndpoints
{
    public const int DefaultLimit = 1_000;
    public const int MaxLimit = 10_000;

    // The document, and what is around it.
    private const int MaxBytes = Draft.MaxBytes + 4096;

    private static readonly TimeSpan DefaultSpan = TimeSpan.FromHours(24);

    public static IEndpointRouteBuilder MapReplay(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/v1/content/{name}/replay", ReplayAsync).RequireOperator(OperatorScope.Read).WithTags("Content").WithMetadata(new RequestSizeLimitAttribute(MaxBytes))
            .WithSummary("Which recorded requests a draft or a revision would decide otherwise. Changes nothing.");
        return endpoints;
    }

    private static async Task<Results<Ok<ReplayAnswer>, ProblemHttpResult>> ReplayAsync(
        string name, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] ReplayRequest? request, ContentQueries queries, Activations activations, RuleSetReplay replay, TimeProvider time, CancellationToken cancellationToken)
    {
        request ??= new ReplayRequest();
        var (scope, refusal) = Scope(request, time.GetUtcNow());
        if (scope is null)
        {
            return refusal!;
        }

        try
        {
            var (candidate, fault) = await CandidateAsync(name, request, queries, activations, cancellationToken);
            if (candidate is null)
            {
                return fault!;
            }

            var (answer, errors) = await replay.ReplayAsync(candidate, scope, cancellationToken);
            return answer is not null ? TypedResults.Ok(answer) : Problem.Invalid("rule_set_conflict", errors[0].Message, errors);
        }
        catch (UnreadableRevisionException unreadable)
        {
            return Problem.Invalid("rule_set_unreadable", unreadable.Message, unreadable.Errors);
        }
    }

    private static (ReplayScope? Scope, ProblemHttpResult? Refusal) Scope(ReplayRequest request, DateTimeOffset now)
    {
        if (request.Limit is < 1 or > MaxLimit)
        {
            return (null, Problem.BadRequest("limit_out_of_range", $"limit must be 1 to {MaxLimit}."));
        }

        if (request is { Document: not null, Revision: not null })
        {
            return (null, Problem.BadRequest("invalid_parameter", "Give document or revision, not both."));
        }

        // One that cannot exist need not reach the database, which refuses some characters with an error.
        if (request.Gateway is { } gateway && !(gateway.Length is > 0 and <= 64 && gateway.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')))
        {
            return (null, Problem.BadRequest("invalid_parameter", "gateway must be the id of a gateway: `gatewayops gateway list` shows them."));
        }

        var since = request.Since is null ? now - DefaultSpan : PointInTime.Parse(request.Since, now);
        var until = request.Until is null ? now : PointInTime.Parse(request.Until, now);
        return since is null || until is null
            ? (null, Problem.BadRequest("invalid_parameter", $"{(since is null ? "since" : "until")} must be {PointInTime.Rule}."))
            : (new ReplayScope(request.Gateway, since.Value, until.Value, request.Limit), null);
    }

    private static async Task<(Revision? Candidate, ProblemHttpResult? Refusal)> CandidateAsync(
        string name, ReplayRequest request, ContentQueries queries, Activations activations, CancellationToken cancellationToken)
    {
        if (request.Document is not { } document)
        {
            return await queries.FindAsync(ContentEndpoints.Searchable(name), request.Revision, cancellationToken) is { } row
                ? (StoredRevision.Read(row), null)
                : (null, ContentEndpoints.Unknown(name, request.Revision));
        }

        // The rule set need not exist: a first draft has none.
        if (!RuleSetName.IsValid(name))
        {
            return (null, Problem.Invalid("name_invalid", $"The name of a rule set is {RuleSetName.Rule}."));
        }

        var draft = Draft.Of(Encoding.UTF8.GetBytes(document.GetRawText()), activations.GatewaysOf);
        return draft.IsValid ? (new Revision(new RevisionId(name, 0), draft.Hash!, draft.Document!), null) : (null, ContentEndpoints.Invalid(draft));
    }
}
