using System.Globalization;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;

namespace GatewayOps.ControlPlane.Usage;

public static class UsageEndpoints
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(1);

    public static IEndpointRouteBuilder MapUsageEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1").RequireOperator(OperatorScope.Read).WithTags("Usage");
        group.MapGet("/usage", UsageAsync);
        group.MapGet("/requests", RequestsAsync);
        return endpoints;
    }

    private static async Task<IResult> UsageAsync(UsageReport report, TimeProvider time, CancellationToken cancellationToken, string by = "provider", string? since = null)
    {
        if (!UsageReport.Groupings.ContainsKey(by))
        {
            return Problem.BadRequest("invalid_parameter", $"by must be one of {string.Join(", ", UsageReport.Groupings.Keys)}.");
        }

        if (Since(since, time.GetUtcNow()) is not { } from)
        {
            return Problem.BadRequest("invalid_parameter", "since must be a span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z.");
        }

        var groups = await report.GroupsAsync(by, from, cancellationToken);
        return TypedResults.Ok(new { since = from, by, groups, total = UsageGroup.Sum(groups) });
    }

    private static async Task<IResult> RequestsAsync(UsageReport report, CancellationToken cancellationToken, int? limit = null, string? cursor = null)
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
        return TypedResults.Ok(new { requests, next });
    }

    private static DateTimeOffset? Since(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return now - DefaultSpan;
        }

        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000)
        {
            return text[^1] switch { 'm' => now.AddMinutes(-count), 'h' => now.AddHours(-count), 'd' => count <= 3660 ? now.AddDays(-count) : null, _ => null };
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
    }
}
