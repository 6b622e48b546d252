using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>The polled log entries of gateways, newest first.</summary>
public static class LogEndpoints
{
    public static void MapLogs(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/logs", ListAsync).RequireOperator(OperatorScope.Read).WithTags("Logs").WithSummary("The gateways' own log rows as polled, newest first.");

    /// <summary>`next` is the cursor of the following page, null on the last one.</summary>
    public sealed record LogListAnswer(IReadOnlyList<GatewayLogRow> Logs, string? Next);

    private static async Task<Results<Ok<LogListAnswer>, ProblemHttpResult>> ListAsync(
        GatewayLogStore store, CancellationToken cancellationToken, string? gateway = null, int? limit = null, string? cursor = null)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        var after = page.After is null ? null : LogPlace.Parse(page.After);
        if (page.After is not null && after is null)
        {
            return Page.Foreign();
        }

        // PostgreSQL has no NUL in texts.
        var rows = await store.ListAsync(gateway?.Replace('\0', '\uFFFD'), after, page.Limit + 1, cancellationToken);
        var (logs, next) = page.Cut(rows, row => new LogPlace(row.CreatedAt, row.Gateway, row.Id).ToString());
        return TypedResults.Ok(new LogListAnswer(logs, next));
    }
}
