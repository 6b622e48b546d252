using System.Globalization;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Who changed what. Rows are appended in the transaction of each change and never edited; a hash chain shows it.</summary>
public static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder endpoints)
    {
        var audit = endpoints.MapGroup("/api/v1/audit").RequireOperator(OperatorScope.Read).WithTags("Audit");
        audit.MapGet("", ListAsync).WithSummary("Who changed what, newest first. A filter that ends with * is the beginning of what is looked for.");
        audit.MapGet("/verify", VerifyAsync).WithSummary("Computes the hash chain of the audit rows anew, and names the first row that does not fit.");
    }

    /// <summary>`next` is the cursor of the following page, null on the last one.</summary>
    public sealed record AuditListAnswer(IReadOnlyList<AuditRow> Audit, string? Next);

    private static async Task<Results<Ok<AuditListAnswer>, ProblemHttpResult>> ListAsync(
        GatewayOpsDb db, CancellationToken cancellationToken, string? action = null, string? actor = null, string? target = null, int? limit = null, string? cursor = null)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        if (!long.TryParse(page.After ?? $"{long.MaxValue}", NumberStyles.None, CultureInfo.InvariantCulture, out var before))
        {
            return Page.Foreign();
        }

        if (new[] { action, actor, target }.Any(filter => filter?.Contains('\0') == true))
        {
            return Problem.BadRequest("invalid_parameter", "action, actor and target are texts without control characters.");
        }

        var rows = db.Audit.AsNoTracking().Where(row => row.Id < before);
        rows = Wanted(action) is var (actionText, actionIsStart) ? rows.Where(row => actionIsStart ? row.Action.StartsWith(actionText) : row.Action == actionText) : rows;
        rows = Wanted(actor) is var (actorText, actorIsStart) ? rows.Where(row => actorIsStart ? row.Actor.StartsWith(actorText) : row.Actor == actorText) : rows;
        rows = Wanted(target) is var (targetText, targetIsStart) ? rows.Where(row => targetIsStart ? row.Target.StartsWith(targetText) : row.Target == targetText) : rows;
        var (items, next) = page.Cut(await rows.OrderByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellationToken), row => $"{row.Id}");
        return TypedResults.Ok(new AuditListAnswer(items, next));
    }

    private static async Task<Ok<AuditVerification>> VerifyAsync(GatewayOpsDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await AuditChain.VerifyAsync(db, cancellationToken));

    private static (string Text, bool IsStart)? Wanted(string? filter) =>
        filter is null ? null : filter.EndsWith('*') ? (filter[..^1], true) : (filter, false);
}
