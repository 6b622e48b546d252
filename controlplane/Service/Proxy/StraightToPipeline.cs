using System.Collections.Frozen;
using GatewayOps.ControlPlane.Proxy.Dialects;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Takes requests to the endpoints of our dialects straight to the pipeline. Routing would find the same; this way it costs a look-up, a request needs no services of its own, and the first
/// answer does not wait until routing has built the endpoints of operators. Whatever is written otherwise (another method, another case, a slash more) goes on to routing.
/// </summary>
internal sealed class StraightToPipeline(RequestDelegate next, ProxyPipeline pipeline)
{
    private static readonly FrozenDictionary<string, (Dialect Dialect, Endpoint Name)> ByPath =
        Dialect.All.ToFrozenDictionary(dialect => dialect.Path, dialect => (dialect, NameOf(dialect.Path)));

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Path.Value is not { } path || !ByPath.TryGetValue(path, out var found))
        {
            return next(context);
        }

        context.SetEndpoint(found.Name);
        return pipeline.HandleAsync(context, found.Dialect);
    }

    // For whoever names requests by their endpoint: the framework's metrics and our traces do. Nothing asks it to answer.
    private static Endpoint NameOf(string path) =>
        new RouteEndpoint(static _ => Task.CompletedTask, RoutePatternFactory.Parse(path), order: 0, new EndpointMetadataCollection(new Diagnostics(path)), path);

    private sealed record Diagnostics(string Route) : IRouteDiagnosticsMetadata;
}
