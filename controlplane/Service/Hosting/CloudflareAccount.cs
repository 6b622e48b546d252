using System.Diagnostics.Metrics;
using System.Net;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>The one management client of this process: its limiter is the account's budget, shared by everything that calls Cloudflare.</summary>
public static class CloudflareAccount
{
    public static IServiceCollection AddCloudflareAccount(this IServiceCollection services) => services
        .AddSingleton<CloudflareReach>()
        .AddSingleton(Client)
        .AddHealthChecks().AddCheck<CloudflareReach>("cloudflare", tags: [HealthEndpoints.Ready]).Services;

    private static CloudflareClient Client(IServiceProvider services)
    {
        var account = services.GetRequiredService<IOptions<CloudflareAccountOptions>>().Value;
        var http = new HttpClient(new CallFence(new CloudflareReach.Handler(
            services.GetRequiredService<CloudflareReach>(),
            new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = DecompressionMethods.All })))
        {
            Timeout = Timeout.InfiniteTimeSpan, // the client has its own
        };
        return Client(http, account, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IMeterFactory>());
    }

    /// <summary>A client of the account. Throws an <see cref="ArgumentException"/> for credentials that cannot be sent.</summary>
    internal static CloudflareClient Client(HttpClient http, CloudflareAccountOptions account, TimeProvider time, IMeterFactory? meters = null) =>
        new(http, new CloudflareOptions { AccountId = account.AccountId, ApiToken = account.ApiToken, BaseUrl = account.BaseUrl }, time, meters);
}
