using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Http;

/// <summary>`?since=&amp;until=` of a query: the beginning included, the end not; null where nothing was said.</summary>
public sealed record TimeRange(DateTimeOffset? Since, DateTimeOffset? Until)
{
    /// <summary>The end, or now where there is none before.</summary>
    public DateTimeOffset End(DateTimeOffset now) => Until is { } end && end < now ? end : now;

    /// <summary>The beginning; where none was said, <paramref name="span"/> before the end.</summary>
    public DateTimeOffset Begin(TimeSpan span, DateTimeOffset now) => Since ?? End(now) - span;

    public static (TimeRange? Range, ProblemHttpResult? Refusal) Of(string? since, string? until, DateTimeOffset now)
    {
        var (from, to) = (since is null ? null : PointInTime.Parse(since, now), until is null ? null : PointInTime.Parse(until, now));
        return since is not null && from is null ? (null, Problem.BadRequest("invalid_parameter", $"since must be {PointInTime.Rule}."))
            : until is not null && to is null ? (null, Problem.BadRequest("invalid_parameter", $"until must be {PointInTime.Rule}."))
            : from >= to ? (null, Problem.BadRequest("invalid_parameter", "since must be before until."))
            : (new TimeRange(from, to), null);
    }
}
