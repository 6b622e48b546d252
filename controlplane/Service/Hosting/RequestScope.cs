namespace GatewayOps.ControlPlane.Hosting;

/// <summary>Gives the lines that an operator's call leaves its request id. Lines of the proxy's way carry theirs in the message: a scope would cost each request.</summary>
internal static class RequestScope
{
    private static readonly Func<ILogger, string, IDisposable?> Begin = LoggerMessage.DefineScope<string>("{RequestId}");

    public static IApplicationBuilder UseRequestScope(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("GatewayOps.ControlPlane.Hosting.Requests");
        return app.Use(async (context, next) =>
        {
            using var scope = Begin(log, context.TraceIdentifier);
            await next(context);
        });
    }
}
