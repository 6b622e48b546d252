namespace GatewayOps.Emulator;

/// <summary>The `cf-ray` of every answer: 16 hexadecimal digits and the place that answered. It replaces one that a provider sent.</summary>
public static class CloudflareRay
{
    public const string Header = "cf-ray";

    /// <summary>Where this Cloudflare is.</summary>
    public const string Colo = "DEV";

    public static void UseRays(this WebApplication app) => app.Use((context, next) =>
    {
        var ray = $"{Random.Shared.NextInt64():x16}";
        context.TraceIdentifier = ray;
        context.Response.OnStarting(static state =>
        {
            var started = (HttpContext)state;
            started.Response.Headers[Header] = $"{started.TraceIdentifier}-{Colo}";
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    /// <summary>For the bodies that name it (`extensions.ray_id` of GraphQL errors).</summary>
    public static string Ray(this HttpContext context) => context.TraceIdentifier;
}
