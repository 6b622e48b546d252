using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>The polled log entries of gateways, newest first.</summary>
public static class LogEndpoints
{
    private const int MaxLimit = 200;

    public static void MapLogs(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/logs", ListAsync).RequireOperator(OperatorScope.Read).WithTags("Logs");

    /// <summary>`next` is the cursor of the following page, null on the last one.</summary>
    public sealed record Answer(IReadOnlyList<GatewayLogRow> Logs, string? Next);

    private static async Task<Results<Ok<Answer>, ProblemHttpResult>> ListAsync(
        GatewayLogStore store, CancellationToken cancellationToken, string? gateway = null, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problem.BadRequest("invalid_parameter", $"limit is {limit}: give 1 to {MaxLimit}.");
        }
        var after = cursor is null ? null : LogCursor.Parse(cursor);
        if (cursor is not null && after is null)
        {
            return Problem.BadRequest("invalid_parameter", "cursor is none that this service gave: use the `next` of the page before, or leave it out to start.");
        }
        var rows = await store.ListAsync(gateway?.Replace('\0', '\uFFFD'), after, limit + 1, cancellationToken);
        var page = rows.Take(limit).ToList();
        return TypedResults.Ok(new Answer(page, rows.Count > limit ? new LogCursor(page[^1].CreatedAt, page[^1].Gateway, page[^1].Id).ToString() : null));
    }
}
