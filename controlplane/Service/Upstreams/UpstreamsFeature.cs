using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>What this feature adds to the host: its services.</summary>
public static class UpstreamsFeature
{
    public static IServiceCollection AddUpstreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CloudflareAccountOptions>().BindConfiguration(CloudflareAccountOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CloudflareAccountOptions>, CloudflareAccountOptionsValidator>();
        services.AddSingleton<UpstreamConnections>();
        services.AddSingleton<IUpstream, GatewayUpstream>();
        return services;
    }
}
