using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>`today`: whatever `since` says. `comparison` where one was asked for.</summary>
public sealed record UsageAnswer(DateTimeOffset Since, string By, IReadOnlyList<UsageGroup> Groups, UsageGroup Total, TodayAnswer Today, ComparisonAnswer? Comparison = null);

/// <summary>What the same tokens would have cost with another model, by the price table, and how many times what they did; null where they cost nothing.</summary>
public sealed record ComparisonAnswer(string Model, decimal CostUsd, decimal? Ratio);

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
        group.MapGet("/usage", UsageAsync).WithSummary("Requests, tokens, cost and cache hits by provider, model or key.");
        group.MapGet("/requests", RequestsAsync).WithSummary("The records of the proxy, newest first.");
        return endpoints;
    }

    private static async Task<Results<Ok<UsageAnswer>, ProblemHttpResult>> UsageAsync(
        UsageReport report, DayUsage days, PriceTable prices, IOptions<FreeTierOptions> options, TimeProvider time, CancellationToken cancellationToken, string by = "provider", string? since = null,
        string? compare = null)
    {
        if (!UsageReport.Groupings.ContainsKey(by))
        {
            return Problem.BadRequest("invalid_parameter", $"by must be one of {string.Join(", ", UsageReport.Groupings.Keys)}.");
        }

        var now = time.GetUtcNow();
        if ((since is null ? now - DefaultSpan : PointInTime.Parse(since, now)) is not { } from)
        {
            return Problem.BadRequest("invalid_parameter", $"since must be {PointInTime.Rule}.");
        }

        var other = compare is null ? null : prices.Named(compare);
        if (compare is not null && other is not { Input: not null, Output: not null })
        {
            return Problem.BadRequest("invalid_parameter", "compare must be a model of the price table, as gpt-4 or openai/gpt-4, that has a price: GET /v1/model-options lists them.");
        }

        var groups = await report.GroupsAsync(by, from, cancellationToken);
        var total = UsageGroup.Sum(groups);
        var today = await days.ReadAsync(DateOnly.FromDateTime(now.UtcDateTime), cancellationToken);
        return TypedResults.Ok(new UsageAnswer(
            from, by, groups, total, new TodayAnswer(today.Values.Sum(amounts => amounts.Requests), options.Value.FreeRequestsPerDay), other is null ? null : Compare(total, other)));
    }

    private static ComparisonAnswer Compare(UsageGroup total, ModelPrice other)
    {
        var cost = other.CostOf(new TokenUsage(total.TokensIn, total.TokensOut))!.Value;
        return new ComparisonAnswer($"{other.Provider}/{other.Model}", cost, total.CostUsd > 0 ? Math.Round(cost / total.CostUsd, 1) : null);
    }

    private static async Task<Results<Ok<RequestListAnswer>, ProblemHttpResult>> RequestsAsync(UsageReport report, CancellationToken cancellationToken, int? limit = null, string? cursor = null)
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

        var (requests, next) = page.Cut(await report.RequestsAsync(page.Limit + 1, before, cancellationToken), request => new RequestPlace(request.At, request.Id).ToString());
        return TypedResults.Ok(new RequestListAnswer(requests, next));
    }
}
