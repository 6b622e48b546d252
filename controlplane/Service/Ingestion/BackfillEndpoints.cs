using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Reading a past stretch of a gateway's log, with its progress.</summary>
public static class BackfillEndpoints
{
    private const string Route = "/api/v1/logs/backfill";

    public static void MapBackfill(this IEndpointRouteBuilder endpoints)
    {
        var backfill = endpoints.MapGroup(Route).WithTags("Logs").RequireOperator(OperatorScope.Read);
        backfill.MapPost("", StartAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Read a past stretch of a gateway's log.");
        backfill.MapGet("", async (Backfills backfills, CancellationToken cancellationToken, string? gateway = null) =>
            TypedResults.Ok(new BackfillList([.. (await backfills.ListAsync(StoredText.Of(gateway), cancellationToken)).Select(BackfillAnswer.Of)]))).WithSummary("Past stretches that were asked for, newest first.");
        backfill.MapGet("/{id}", async Task<Results<Ok<BackfillAnswer>, ProblemHttpResult>> (string id, Backfills backfills, CancellationToken cancellationToken) =>
            Guid.TryParse(id, out var known) && await backfills.FindAsync(known, cancellationToken) is { } row ? TypedResults.Ok(BackfillAnswer.Of(row)) : Missing()).WithSummary("How far one is.");
        backfill.MapDelete("/{id}", async Task<Results<Ok<BackfillAnswer>, ProblemHttpResult>> (HttpContext context, string id, Backfills backfills, CancellationToken cancellationToken) =>
            Guid.TryParse(id, out var known) && await backfills.CancelAsync(known, context.Actor(), cancellationToken) is { } row ? TypedResults.Ok(BackfillAnswer.Of(row)) : Missing())
            .RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("End one that is under way. What it has read stays.");
    }

    /// <summary>`source` is logs or telemetry; without it the one that the gateway is polled by.</summary>
    public sealed record BackfillWish(string Gateway, DateTimeOffset From, DateTimeOffset To, string? Source = null);

    /// <summary>`progress` is 0 to 1, by time. `error` of one that is running: why the last try failed; it is tried again.</summary>
    public sealed record BackfillAnswer(
        Guid Id, string Gateway, string Source, DateTimeOffset From, DateTimeOffset To, string Status, double Progress, DateTimeOffset Through, long RowsRead, long RowsAdded, string? Error,
        string RequestedBy, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt)
    {
        public static BackfillAnswer Of(LogBackfillRow row) => new(
            row.Id, row.Gateway, row.Source, row.FromAt, row.ToAt, row.Status, row.Status == Backfills.Succeeded ? 1 : Math.Round(Math.Clamp((row.Through - row.FromAt) / (row.ToAt - row.FromAt), 0, 1), 4),
            row.Through, row.RowsRead, row.RowsAdded, row.Error, row.RequestedBy, row.RequestedAt, row.FinishedAt);
    }

    public sealed record BackfillList(IReadOnlyList<BackfillAnswer> Backfills);

    private static async Task<Results<Accepted<BackfillAnswer>, ProblemHttpResult>> StartAsync(
        HttpContext context, BackfillWish wish, Backfills backfills, FeedStore feeds, IOptions<IngestionOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var kept = options.Value.LogsFrom(now);
        var fault = !GatewayId.IsValid(wish.Gateway) ? "`gateway` is not the id of a gateway."
            : wish.From >= wish.To ? "`from` must be before `to`."
            : wish.From < kept ? $"`from` must not be before {kept:O}: older rows are not kept ({IngestionOptions.Section}:LogDays)."
            : wish.From > now ? "`from` must not be in the future."
            : wish.Source is not (null or LogSources.Logs or LogSources.Telemetry) ? "`source` must be logs or telemetry: what is pushed cannot be asked for."
            : null;
        if (fault is not null)
        {
            return Problem.BadRequest("backfill_invalid", fault);
        }

        var source = wish.Source ?? await SourceOfAsync();
        return await backfills.AddAsync(wish.Gateway, source, wish.From, wish.To < now ? wish.To : now, context.Actor(), cancellationToken) is { } row
            ? TypedResults.Accepted($"{Route}/{row.Id}", BackfillAnswer.Of(row))
            : Problem.Conflict("backfill_limit_reached", $"{Backfills.Most} backfills are under way: wait for one to end, or end one.");

        async Task<string> SourceOfAsync() =>
            options.Value.SourceOf(wish.Gateway) is LogSources.Telemetry
            || (options.Value.SourceOf(wish.Gateway) is null && await feeds.OfAsync(wish.Gateway, cancellationToken) is var known
                && known.All(feed => feed.Source != LogSources.Logs || feed.Through is null) && known.Any(feed => feed.Source == LogSources.Telemetry && feed.Through is not null))
                ? LogSources.Telemetry : LogSources.Logs;
    }

    private static ProblemHttpResult Missing() => Problem.NotFound("backfill_not_found", "There is no such backfill: GET /api/v1/logs/backfill lists them.");
}
