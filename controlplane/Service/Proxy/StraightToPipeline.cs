using System.Collections.Frozen;
using GatewayOps.ControlPlane.Proxy.Dialects;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Takes requests to the endpoints of our dialects straight to the pipeline. Routing would find the same; this way it costs a look-up, and a request needs no services of its own. Whatever is
/// written otherwise (another method, another case, a slash more) goes on to routing.
/// </summary>
internal sealed class StraightToPipeline(RequestDelegate next, ProxyPipeline pipeline, EndpointDataSource endpoints)
{
    // Made by the first request: before, nothing is mapped.
    private FrozenDictionary<string, (Dialect Dialect, Endpoint? Endpoint)>? _byPath;

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Path.Value is not { } path || !(_byPath ??= ByPath()).TryGetValue(path, out var found))
        {
            return next(context);
        }

        // For whoever names requests by their endpoint: the metrics of the framework do.
        context.SetEndpoint(found.Endpoint);
        return pipeline.HandleAsync(context, found.Dialect);
    }

    private FrozenDictionary<string, (Dialect, Endpoint?)> ByPath() => Dialect.All.ToFrozenDictionary(
        dialect => dialect.Path,
        dialect => (dialect, (Endpoint?)endpoints.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(endpoint => endpoint.RoutePattern.RawText == dialect.Path)));
}
