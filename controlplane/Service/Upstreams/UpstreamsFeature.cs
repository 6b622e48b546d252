using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>What this feature adds to the host: its services.</summary>
public static class UpstreamsFeature
{
    public static IServiceCollection AddUpstreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CloudflareAccountOptions>().BindConfiguration(CloudflareAccountOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CloudflareAccountOptions>, CloudflareAccountOptionsValidator>();
        // Strict: the binder would drop a misspelt member, and with it a key or a bound, without a word.
        services.AddOptions<ProvidersOptions>().Configure<IConfiguration>(
            (options, settings) => settings.GetSection("GatewayOps:Providers").Bind(options.Rows, binder => binder.ErrorOnUnknownConfiguration = true)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProvidersOptions>, ProvidersOptionsValidator>();
        services.AddSingleton<ProviderTable>();
        services.AddSingleton<UpstreamConnections>();
        services.AddSingleton(_ => new DirectConnections());
        services.AddSingleton<GatewayUpstream>();
        services.AddSingleton<DirectUpstream>();
        services.AddSingleton<UpstreamSwitch>();
        return services;
    }
}
