using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// `since` as asked, or the full hour or day before it where finer records are gone; `until` as asked, or the full hour or day after it. `today`: whatever `since` says. `comparison` where one was asked for. `uncountedDays`: from before an upgrade,
/// and counted within minutes of it.
/// </summary>
public sealed record UsageAnswer(
    DateTimeOffset Since, DateTimeOffset? Until, string By, IReadOnlyList<UsageGroup> Groups, UsageGroup Total, SavingAnswer Saving, TodayAnswer Today, ComparisonAnswer? Comparison,
    IReadOnlyList<DateOnly> UncountedDays);

/// <summary>What the same tokens would have cost with another model, by the price table, and how many times what they did; null where they cost nothing. Prices are US dollars per million tokens.</summary>
public sealed record ComparisonAnswer(string Model, decimal CostUsd, decimal? Ratio, decimal InputUsd, decimal OutputUsd, DateOnly? PricesOf, long Unpriced);

/// <summary>Requests of this UTC day that a provider answered, of as many as the plan has free; 0 where it is no such plan.</summary>
public sealed record TodayAnswer(long Requests, int Free);

/// <summary>`next` is the cursor of the following page, null on the last one.</summary>
public sealed record RequestListAnswer(IReadOnlyList<RequestView> Requests, string? Next);

public static class UsageEndpoints
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(1);

    public static IEndpointRouteBuilder MapUsageEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1").RequireOperator(OperatorScope.Read).WithTags("Usage");
        group.MapGet("/usage", UsageAsync).WithSummary("Requests, tokens, cost, durations and cache hits by provider, model, gateway, key, hour or day.");
        group.MapGet("/requests", RequestsAsync).WithSummary("The records of the proxy, newest first.");
        return endpoints;
    }

    private static async Task<Results<Ok<UsageAnswer>, ProblemHttpResult>> UsageAsync(
        UsageReport report, RollupStore rollups, PriceTable prices, IOptions<FreeTierOptions> options, TimeProvider time, CancellationToken cancellationToken, string by = "provider", string? since = null,
        string? until = null, string? gateway = null, string? provider = null, string? model = null, string? key = null, string? compare = null)
    {
        if (!UsageReport.Groupings.ContainsKey(by))
        {
            return Problem.BadRequest("invalid_parameter", $"by must be one of {string.Join(", ", UsageReport.Groupings.Keys)}.");
        }

        var now = time.GetUtcNow();
        var (range, refusal) = TimeRange.Of(since, until, now);
        if (range is null)
        {
            return refusal!;
        }

        var from = range.Begin(DefaultSpan, now);
        if (by == "hour" && (range.Until ?? now) - from > UsageReport.LongestByHour)
        {
            return Problem.BadRequest("span_too_long", $"by=hour takes a span of at most {UsageReport.LongestByHour.TotalDays:0} days: ask by=day for a longer one.");
        }

        if (by == "hour" && from < report.FirstHour)
        {
            return Problem.BadRequest("span_too_old", $"There are totals by the hour since {report.FirstHour:yyyy-MM-ddTHH:mm:ssZ} (GatewayOps:Rollups:HourlyDays): ask by=day for what was before.");
        }

        var other = compare is null ? null : prices.Named(compare);
        if (compare is not null && other is not { Input: not null, Output: not null })
        {
            return Problem.BadRequest("invalid_parameter", "compare must be a model of the price table, as gpt-4 or openai/gpt-4, that has a price: GET /v1/model-options lists them.");
        }

        var usage = await report.ReadAsync(new UsageQuestion(by, from, range.Until, gateway, provider, model, key), cancellationToken);
        var (groups, total, saving) = Savings.Of(usage, prices);
        var today = await report.AnsweredAsync(now.UtcDateTime.Date, cancellationToken);
        return TypedResults.Ok(new UsageAnswer(
            usage.Since, usage.Until, by, groups, total, saving, new TodayAnswer(today, options.Value.FreeRequestsPerDay), other is null ? null : Compare(usage, other, prices.AsOf),
            await rollups.BacklogAsync(cancellationToken)));
    }

    // Answers from the cache would have been from the cache with the other model, too: their tokens cost nothing on either side.
    private static ComparisonAnswer Compare(UsageTotals usage, ModelPrice other, DateOnly? asOf)
    {
        var cost = other.CostOf(usage.TotalTokens)!.Value;
        return new ComparisonAnswer(
            $"{other.Provider}/{other.Model}", cost, usage.Total.CostUsd > 0 ? Math.Round(cost / usage.Total.CostUsd, 1) : null, other.Input!.Value, other.Output!.Value, other.AsOf ?? asOf,
            usage.Total.Unpriced);
    }

    private static async Task<Results<Ok<RequestListAnswer>, ProblemHttpResult>> RequestsAsync(
        RequestList list, TimeProvider time, CancellationToken cancellationToken, int? limit = null, string? cursor = null, string? gateway = null, string? provider = null, string? model = null,
        string? status = null, string? outcome = null, string? since = null, string? until = null, string? requestId = null, string? session = null, string? key = null)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        var before = page.After is null ? null : RequestPlace.Parse(page.After);
        if (page.After is not null && before is null)
        {
            return Page.Foreign();
        }

        (var range, refusal) = TimeRange.Of(since, until, time.GetUtcNow());
        if (range is null)
        {
            return refusal!;
        }

        (var statuses, refusal) = StatusRange.Of(status);
        if (refusal is not null)
        {
            return refusal;
        }

        if (outcome is not null && !Outcomes.All.Contains(outcome))
        {
            return Problem.BadRequest("invalid_parameter", $"outcome must be one of {string.Join(", ", Outcomes.All)}.");
        }

        var filter = new RequestFilter
        {
            Gateway = gateway,
            Provider = provider,
            Model = model,
            Status = statuses,
            Outcome = outcome,
            Since = range.Since,
            Until = range.Until,
            RequestId = requestId,
            Session = session,
            Key = key,
        };
        var (requests, next) = page.Cut(await list.ReadAsync(filter, page.Limit + 1, before, cancellationToken), request => new RequestPlace(request.At, request.Id).ToString());
        return TypedResults.Ok(new RequestListAnswer(requests, next));
    }
}
