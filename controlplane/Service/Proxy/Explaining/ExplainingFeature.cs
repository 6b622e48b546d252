namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>What the proxy tells about itself: decisions, models, tokens.</summary>
internal static class ExplainingFeature
{
    public static void AddExplaining(this IServiceCollection services)
    {
        services.AddSingleton<ProviderAvailability>();
        services.AddSingleton<CacheTrail>();
        services.AddSingleton<RouteExplainer>();
        services.AddSingleton<RouteCheckEndpoint>();
        services.AddSingleton<TokenizeEndpoint>();
    }

    public static void MapExplaining(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/model-options", ModelOptionsEndpoint.Handle).WithTags("Proxy");
        endpoints.MapGet("/v1/route-check", (HttpContext context, RouteCheckEndpoint check) => check.GetAsync(context)).WithTags("Proxy");
        endpoints.MapPost("/v1/route-check", (HttpContext context, RouteCheckEndpoint check) => check.PostAsync(context)).WithTags("Proxy");
        endpoints.MapPost("/v1/tokenize", (HttpContext context, TokenizeEndpoint tokenize) => tokenize.HandleAsync(context)).WithTags("Proxy");
    }
}
