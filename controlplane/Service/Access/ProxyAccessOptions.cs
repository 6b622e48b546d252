using System.ComponentModel.DataAnnotations;
using GatewayOps.ControlPlane.Http;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Access;

/// <summary>The token of the proxy's callers.</summary>
public sealed class ProxyAccessOptions
{
    public const string Section = "GatewayOps:Proxy";

    /// <summary>AUTH_TOKEN; null leaves the proxy open to this machine. An empty one is none, wherever it is set: whoever sends nothing would know it.</summary>
    [RegularExpression(@"^[\x21-\x7e]{8,1024}$", ErrorMessage = Section + ":AuthToken (AUTH_TOKEN) must be 8 to 1024 visible ASCII characters: make one with `openssl rand -hex 24`")]
    public string? AuthToken { get; init => field = value is { Length: > 0 } ? value : null; }
}

[OptionsValidator]
public sealed partial class ProxyAccessOptionsValidator : IValidateOptions<ProxyAccessOptions>;

internal static partial class ProxyAccessFeature
{
    public static IServiceCollection AddProxyAccess(this IServiceCollection services)
    {
        services.AddOptions<ProxyAccessOptions>().BindConfiguration(ProxyAccessOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProxyAccessOptions>, ProxyAccessOptionsValidator>();
        services.AddOptions<ProxyAccessOptions>().Validate<IConfiguration>(
            (options, configuration) => options.AuthToken is not null || ListenUrls.AreLoopback(configuration),
            "No AUTH_TOKEN is configured, and the proxy would be open beyond this machine: set AUTH_TOKEN, or listen on http://127.0.0.1:8787 (--urls)");
        services.AddSingleton<ProxyAccess>();
        services.AddHostedService<OpenProxyWarning>();
        return services;
    }

    [LoggerMessage(4101, LogLevel.Warning, "AUTH_TOKEN is not configured: everybody on this machine may use the proxy and spend money with the stored provider keys. Set AUTH_TOKEN to close it")]
    private static partial void OpenProxy(ILogger logger);

    private sealed class OpenProxyWarning(ProxyAccess access, ILogger<OpenProxyWarning> log) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (access.IsOpen)
            {
                OpenProxy(log);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
