using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What this feature adds to the host: its services, its surface and its endpoints.</summary>
public static class ProxyFeature
{
    public static IServiceCollection AddProxy(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProxyOptions>, ProxyOptionsValidator>();
        services.AddSingleton<ProxyMetrics>();
        services.AddSingleton<CrossOrigin>();
        services.AddSingleton<UpstreamHealth>();
        services.AddSingleton<UpstreamAttempts>();
        services.AddSingleton<SseRelay>();
        services.AddSingleton<RuleGate>();
        services.AddSingleton<ChatEndpoint>();
        services.AddSingleton<QuotaRefresher>();
        services.AddHostedService(provider => provider.GetRequiredService<QuotaRefresher>());
        return services;
    }

    /// <summary>Before routing answers, so that it covers addresses that do not exist.</summary>
    public static IApplicationBuilder UseProxy(this IApplicationBuilder app) => app.UseMiddleware<ProxySurface>();

    public static IEndpointRouteBuilder MapProxy(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/v1/chat/completions", (HttpContext context, ChatEndpoint chat) => chat.HandleAsync(context)).WithTags("Proxy");
        endpoints.MapGet("/v1/models", ModelsEndpoint.Handle).WithTags("Proxy");
        endpoints.MapGet("/health", HealthEndpoint.Handle).WithTags("Proxy");
        endpoints.MapGet("/", HealthEndpoint.Handle).WithTags("Proxy");
        return endpoints;
    }
}
