using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Http;

/// <summary>What a caller demands of the state that it changes: `If-Match: "3"` (still at version 3) or `If-None-Match: *` (not there yet). Source: RFC 9110, section 13.1.</summary>
public sealed record Precondition
{
    private static readonly Precondition None = new();

    private int? Version { get; init; }
    private bool MustExist { get; init; }
    private bool MustNotExist { get; init; }

    /// <summary>The strong entity tag of a version.</summary>
    public static string Tag(int version) => $"\"{version}\"";

    /// <param name="current">The version that is there; null for none.</param>
    public bool Holds(int? current) =>
        (Version is null || Version == current) && (!MustExist || current is not null) && (!MustNotExist || current is null);

    /// <summary>Reads the precondition of a request; a refusal when it makes no sense, or when there is none and <paramref name="required"/> asks for one (428).</summary>
    public static (Precondition Precondition, ProblemHttpResult? Refusal) Of(HttpRequest request, bool required)
    {
        var (match, noneMatch) = (request.Headers.IfMatch.ToString().Trim(), request.Headers.IfNoneMatch.ToString().Trim());
        if (match.Length == 0 && noneMatch.Length == 0)
        {
            return (None, required ? Missing : null);
        }

        if (match.Length > 0 && noneMatch.Length == 0)
        {
            if (match == "*")
            {
                return (new() { MustExist = true }, null);
            }

            // A tag that is not one of ours can match nothing; weak tags never match here.
            var known = match.Length > 2 && match[0] == '"' && match[^1] == '"' && int.TryParse(match.AsSpan(1, match.Length - 2), out var version) ? version : -1;
            return (new() { Version = known }, null);
        }

        return match.Length == 0 && noneMatch == "*" && !required
            ? (new() { MustNotExist = true }, null)
            : (None, Problem.BadRequest("precondition_invalid", "Send If-Match with the ETag of your last GET" + (required ? "." : ", or If-None-Match: *.")));
    }

    public static ProblemHttpResult Failed(string name) => Problem.Of(
        412, "precondition_failed", "Changed meanwhile", $"{name} is not in the state that your precondition names: read it again and decide anew.");

    private static ProblemHttpResult Missing => Problem.Of(
        428, "precondition_required", "A precondition is needed", "Send If-Match with the ETag of your last GET, so that you remove what you saw (If-Match: * removes any).");
}

/// <summary>On endpoints that read If-Match.</summary>
internal sealed record PreconditionMark(bool IsRequired);

public static class PreconditionEndpoints
{
    /// <summary>Says that this endpoint reads If-Match; the endpoint itself asks <see cref="Precondition.Of"/>.</summary>
    public static TBuilder TakesIfMatch<TBuilder>(this TBuilder endpoint, bool required)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new PreconditionMark(required));
}
