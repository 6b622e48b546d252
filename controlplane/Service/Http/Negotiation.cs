using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Http;

/// <summary>406 under `/api/v1` for a caller who takes nothing that the endpoint has. Problems are JSON for everybody.</summary>
public static class Negotiation
{
    public static IApplicationBuilder UseNegotiation(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        // Nothing is offered where nothing is found, or not by this method: that is the answer, whatever the caller takes.
        if (!context.Request.Path.StartsWithSegments("/api/v1") || context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        var offered = Offered(endpoint).ToList();
        var accepted = context.Request.GetTypedHeaders().Accept;
        return accepted.Count == 0 || accepted.Any(range => range.Quality != 0 && offered.Any(type => type.IsSubsetOf(range)))
            ? next(context)
            : Problem.Of(406, "not_acceptable", "Nothing that you accept", $"{context.Request.Path} answers {string.Join(", ", offered)}: accept one of these.").ExecuteAsync(context);
    });

    private static IEnumerable<MediaTypeHeaderValue> Offered(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().SelectMany(produced => produced.ContentTypes).Append("application/json").Append("application/problem+json")
            .Distinct().Select(type => new MediaTypeHeaderValue(type));
}
