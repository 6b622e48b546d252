using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Http;

/// <summary>`?since=&amp;until=` of a query: the beginning included, the end not; null where nothing was said.</summary>
public sealed record TimeRange(DateTimeOffset? Since, DateTimeOffset? Until)
{
    public static (TimeRange? Range, ProblemHttpResult? Refusal) Of(string? since, string? until, DateTimeOffset now)
    {
        var (from, to) = (since is null ? null : PointInTime.Parse(since, now), until is null ? null : PointInTime.Parse(until, now));
        return since is not null && from is null ? (null, Problem.BadRequest("invalid_parameter", $"since must be {PointInTime.Rule}."))
            : until is not null && to is null ? (null, Problem.BadRequest("invalid_parameter", $"until must be {PointInTime.Rule}."))
            : from >= to ? (null, Problem.BadRequest("invalid_parameter", "since must be before until."))
            : (new TimeRange(from, to), null);
    }
}
