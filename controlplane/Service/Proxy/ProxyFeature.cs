using GatewayOps.ControlPlane.Proxy.Caching;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Proxy.GenAi;
using GatewayOps.ControlPlane.Proxy.Tracing;
using GatewayOps.ControlPlane.Telemetry.Tracing;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What this feature adds to the host: its services, its surface and its endpoints.</summary>
public static class ProxyFeature
{
    public static IServiceCollection AddProxy(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProxyOptions>, ProxyOptionsValidator>();
        services.AddSingleton<GenAiMetrics>();
        services.AddSingleton<ProxyMetrics>();
        services.AddSingleton<CrossOrigin>();
        services.AddOptions<AttemptOptions>().BindConfiguration(AttemptOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AttemptOptions>, AttemptOptionsValidator>();
        services.AddSingleton<UpstreamHealth>();
        services.AddSingleton<UpstreamMetrics>();
        services.AddSingleton<ColdModels>();
        services.AddSingleton<AnswerCache>();
        services.AddSingleton<IUpstream>(provider => new CachingUpstream(Way(provider), provider.GetRequiredService<AnswerCache>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UpstreamAttempts>();
        services.AddSingleton<SseRelay>();
        services.AddSingleton<RuleGate>();
        services.AddSingleton<SessionLimits>();
        services.AddSingleton<KeyGate>();
        services.AddSingleton<ProxyDoor>();
        services.AddSingleton<ProxyPipeline>();
        services.AddSingleton<NativeCalls>();
        services.AddSingleton<CloudflareEndpoint>();
        services.AddExplaining();
        services.AddSingleton<QuotaRefresher>();
        services.AddHostedService(provider => provider.GetRequiredService<QuotaRefresher>());
        return services;
    }

    // Wrapped only where requests are traced.
    private static IUpstream Way(IServiceProvider provider)
    {
        var way = provider.GetRequiredService<UpstreamSwitch>();
        return provider.GetRequiredService<ServiceTraces>() is { Source: not null } traces ? new TracedUpstream(way, traces, provider.GetRequiredService<IOptions<CloudflareAccountOptions>>()) : way;
    }

    /// <summary>Before routing answers, so that it covers addresses that do not exist.</summary>
    public static IApplicationBuilder UseProxy(this IApplicationBuilder app) => app.UseMiddleware<ProxySurface>();

    /// <summary>Behind the handling of exceptions, before routing.</summary>
    public static IApplicationBuilder UseStraightWay(this IApplicationBuilder app) => app.UseMiddleware<StraightToPipeline>();

    public static IEndpointRouteBuilder MapProxy(this IEndpointRouteBuilder endpoints)
    {
        foreach (var dialect in Dialect.All)
        {
            endpoints.MapPost(dialect.Path, (HttpContext context, [FromServices] ProxyPipeline pipeline) => pipeline.HandleAsync(context, dialect)).WithTags("Proxy");
        }

        endpoints.MapGet("/v1/models", ModelsEndpoint.Handle).WithTags("Proxy");
        endpoints.MapGet("/v1/models/{**model}", (HttpContext context, string model, [FromServices] ProviderAvailability availability) => ModelsEndpoint.OneAsync(availability, context, model)).WithTags("Proxy");
        endpoints.MapExplaining();
        CloudflareEndpoint.Map(endpoints);
        endpoints.MapGet("/health", HealthEndpoint.Handle).WithTags("Proxy");
        endpoints.MapGet("/", HealthEndpoint.Handle).WithTags("Proxy");
        return endpoints;
    }
}
