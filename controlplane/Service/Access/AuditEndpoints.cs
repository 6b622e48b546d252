using System.Globalization;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Access;

/// <summary>GET /api/v1/audit: who changed what, newest first. Rows are appended in the transaction of each change and never edited.</summary>
public static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/audit", ListAsync).RequireOperator(OperatorScope.Read).WithTags("Audit");

    /// <summary>`next` is the cursor of the following page, null on the last one.</summary>
    public sealed record Answer(IReadOnlyList<AuditRow> Audit, string? Next);

    private static async Task<Results<Ok<Answer>, ProblemHttpResult>> ListAsync(GatewayOpsDb db, CancellationToken cancellationToken, int? limit = null, string? cursor = null)
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

        var rows = await db.Audit.AsNoTracking().Where(row => row.Id < before).OrderByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        var (items, next) = page.Cut(rows, row => $"{row.Id}");
        return TypedResults.Ok(new Answer(items, next));
    }
}
