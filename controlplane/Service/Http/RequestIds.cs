namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// Gives every request an id of our own making and every answer the header `x-request-id`. A caller's id is never taken over: rows are joined by
/// this id, and a caller who could choose it could hide one request behind another.
/// </summary>
public static class RequestIds
{
    public const string Header = "x-request-id";

    public static IApplicationBuilder UseRequestIds(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var id = Guid.CreateVersion7().ToString("N");
        context.TraceIdentifier = id;
        // On starting: the error handlers clear the headers that were set before them.
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                context.Response.Headers[Header] = context.TraceIdentifier;
                return Task.CompletedTask;
            },
            context);
        return next(context);
    });
}
