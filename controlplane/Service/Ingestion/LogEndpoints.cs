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
        GatewayLogStore store, TimeProvider time, CancellationToken cancellationToken, string? gateway = null, int? limit = null, string? cursor = null, string? provider = null, string? model = null,
        string? status = null, string? since = null, string? until = null, string? requestId = null, string? session = null, string? key = null)
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

        var now = time.GetUtcNow();
        (var range, refusal) = TimeRange.Of(since, until, now);
        if (range is null)
        {
            return refusal!;
        }

        (var statuses, refusal) = StatusRange.Of(status);
        if (refusal is not null)
        {
            return refusal;
        }

        var filter = new LogFilter
        {
            Gateway = StoredText.Of(gateway),
            Provider = StoredText.Of(provider),
            Model = StoredText.Of(model),
            Status = statuses,
            Since = range.Since,
            Until = range.Until,
            RequestId = StoredText.Of(requestId),
            Session = StoredText.Of(session),
            Key = StoredText.Of(key),
        };
        if (filter is { IsSelective: true, Since: null })
        {
            filter = filter with { Since = range.Begin(LogFilter.DefaultSpan, now) };
        }

        var rows = await store.ListAsync(filter, after, page.Limit + 1, cancellationToken);
        var (logs, next) = page.Cut(rows, row => new LogPlace(row.CreatedAt, row.Gateway, row.Id).ToString());
        return TypedResults.Ok(new LogListAnswer(logs, next));
    }
}
