using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Where gateways' logs come from: how far each source was read, which one counts, and where rows may be missing.</summary>
public static class SourceEndpoints
{
    public static void MapSources(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/logs/sources", ShowAsync).RequireOperator(OperatorScope.Read).WithTags("Logs").WithSummary("How far each source of each gateway's log was read, which one counts, and gaps.");

    /// <summary>`lagSeconds`: since the source was last read to its end, or last delivered.</summary>
    public sealed record FeedAnswer(string Gateway, string Source, DateTimeOffset? Through, DateTimeOffset? PolledAt, double? LagSeconds, long? Backlog);

    /// <summary>From `since` on rows without a request id count by this source; null is always.</summary>
    public sealed record ChoiceAnswer(string Gateway, DateTimeOffset? Since, string Source);

    public sealed record GapAnswer(string Gateway, string Source, DateTimeOffset From, DateTimeOffset To, DateTimeOffset FoundAt);

    public sealed record SourcesAnswer(string Source, IReadOnlyList<FeedAnswer> Feeds, IReadOnlyList<ChoiceAnswer> Chosen, IReadOnlyList<GapAnswer> Gaps);

    private static async Task<Ok<SourcesAnswer>> ShowAsync(FeedStore feeds, IOptions<IngestionOptions> options, TimeProvider time, CancellationToken cancellationToken, string? gateway = null)
    {
        var of = StoredText.Of(gateway);
        var now = time.GetUtcNow();
        return TypedResults.Ok(new SourcesAnswer(
            (of is null ? null : options.Value.SourceOf(of)) ?? options.Value.Source,
            [.. (await feeds.FeedsAsync(of, cancellationToken)).Select(row => new FeedAnswer(row.Gateway, row.Source, row.Through, row.PolledAt, Lag(row, now), row.Backlog))],
            [.. (await feeds.ChoicesAsync(of, cancellationToken)).Select(row => new ChoiceAnswer(row.Gateway, row.Since == DateTimeOffset.MinValue ? null : row.Since, row.Source))],
            [.. (await feeds.GapsAsync(of, cancellationToken)).Select(row => new GapAnswer(row.Gateway, row.Source, row.FromAt, row.ToAt, row.FoundAt))]));
    }

    private static double? Lag(LogFeedRow row, DateTimeOffset now) => row.PolledAt is { } at ? Math.Round(Math.Max(0, (now - at).TotalSeconds), 3) : null;
}
