using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>What comes after <paramref name="SettledUntil"/> may still change; both times are null where analytics were never read.</summary>
public sealed record AnalyticsAnswer(
    DateTimeOffset Since, DateTimeOffset? Until, string By, IReadOnlyList<AnalyticsGroup> Groups, AnalyticsGroup Total, DateTimeOffset? SettledUntil, DateTimeOffset? PolledAt);

/// <summary>
/// <paramref name="Differ"/>: hours with a difference beyond the tolerance. <paramref name="Reasons"/>: what the words in the hours mean. <paramref name="IsComplete"/>: false where there were more hours
/// than one answer holds.
/// </summary>
public sealed record ReconciliationAnswer(
    DateTimeOffset Since, DateTimeOffset Until, decimal Tolerance, int Differ, IReadOnlyList<HourComparison> Hours, IReadOnlyDictionary<string, string> Reasons, bool IsComplete);

public static class AnalyticsEndpoints
{
    // A page of hours that a person still looks through.
    private const int MostHours = 2000;

    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static void MapAnalyticsEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/analytics").RequireOperator(OperatorScope.Read).WithTags("Analytics");
        group.MapGet("", AnalyticsAsync).WithSummary("Cloudflare's own analytics of all gateways: sampled, and late.");
        group.MapGet("/reconciliation", ReconciliationAsync).WithSummary("Where the proxy's records, the gateways' logs and Cloudflare's analytics disagree, by gateway and hour.");
    }

    private static async Task<Results<Ok<AnalyticsAnswer>, ProblemHttpResult>> AnalyticsAsync(
        AnalyticsReport report, AnalyticsStore store, TimeProvider time, CancellationToken cancellationToken, string by = "gateway", string? since = null, string? until = null, string? gateway = null,
        string? provider = null, string? model = null)
    {
        if (!AnalyticsReport.Groupings.ContainsKey(by))
        {
            return Problem.BadRequest("invalid_parameter", $"by must be one of {string.Join(", ", AnalyticsReport.Groupings.Keys)}.");
        }

        var now = time.GetUtcNow();
        var (range, refusal) = TimeRange.Of(since, until, now);
        if (range is null)
        {
            return refusal!;
        }

        var from = range.Begin(DefaultSpan, now);
        var (groups, total) = await report.ReadAsync(by, from, range.Until, gateway, provider, model, cancellationToken);
        var cursor = await store.CursorAsync(cancellationToken);
        return TypedResults.Ok(new AnalyticsAnswer(from, range.Until, by, groups, total, cursor?.SettledUntil, cursor?.PolledAt));
    }

    private static async Task<Results<Ok<ReconciliationAnswer>, ProblemHttpResult>> ReconciliationAsync(
        EvidenceReport report, TimeProvider time, CancellationToken cancellationToken, string? since = null, string? until = null, string? gateway = null, double tolerance = 0.01)
    {
        if (tolerance is not (>= 0 and <= 1))
        {
            return Problem.BadRequest("invalid_parameter", "tolerance must be between 0 and 1, as 0.01 for one in a hundred.");
        }

        var now = time.GetUtcNow();
        var (range, refusal) = TimeRange.Of(since, until, now);
        if (range is null)
        {
            return refusal!;
        }

        // Whole hours: the hour that `since` is in, and none that has not ended.
        var (from, to) = (range.Begin(DefaultSpan, now).Floor(Hour), range.End(now).Floor(Hour));
        var evidence = await report.ReadAsync(from, to, gateway, MostHours + 1, cancellationToken);
        var feeds = await report.FeedsAsync(cancellationToken);
        var hours = evidence.Take(MostHours).Select(hour => Comparison.Of(hour, feeds, (decimal)tolerance)).ToList();
        return TypedResults.Ok(new ReconciliationAnswer(
            from, to, (decimal)tolerance, hours.Count(hour => hour.IsBeyond), hours, Comparison.Reasons, evidence.Count <= MostHours));
    }
}
