using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace GatewayOps.Tests.Docs;

/// <summary>api.md names every route of the service with the scope that it asks for.</summary>
public sealed class ApiGuideTests
{
    private const string Api = "/api/v1";

    [Fact]
    public void OperatorRoutes_AreThoseOfTheService() => GuideTable.Holds("api.md", "Operator route", Routes().Where(route => route.Path.StartsWith(Api, StringComparison.Ordinal)).Select(route => new[]
    {
        $"`{route.Method} {route.Path[Api.Length..]}`", route.Endpoint.NeededScope()!.Value.ToString().ToLowerInvariant(), route.Endpoint.Metadata.Any(item => item.GetType().Name == "IdempotentMark") ? "yes" : "no",
    }));

    [Fact]
    public void OtherRoutes_AreThoseOfTheService() => GuideTable.Holds(
        "api.md", "Other route", Routes().Where(route => !route.Path.StartsWith(Api, StringComparison.Ordinal)).Select(route => new[] { $"`{route.Method} {route.Path}`" }));

    private static IEnumerable<(string Method, string Path, RouteEndpoint Endpoint)> Routes()
    {
        // Built, never started: nothing connects.
        var app = ServiceHost.Build(["--ConnectionStrings:GatewayOps=Host=nowhere"], new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory));
        return from endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
               let path = endpoint.RoutePattern.RawText!.TrimEnd('/') is { Length: > 0 } text ? text : "/"
               from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
               orderby path, method
               select (method, path, endpoint);
    }
}
