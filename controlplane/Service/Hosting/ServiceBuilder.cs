using System.Text.Json;
using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Connections;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>What the service is before its features: settings, server, logging, errors. Starts from nothing, so all of it is on this page.</summary>
internal static class ServiceBuilder
{
    public static WebApplicationBuilder Create(string[] args, Surroundings surroundings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "GatewayOps.ControlPlane",
            EnvironmentName = surroundings.EnvironmentName,
            ContentRootPath = surroundings.Folder,
        });
        ServiceSettings.AddSources(builder.Configuration, args, surroundings);
        var urls = Urls(builder.Configuration);
        FaultPoints.Arm(builder.Configuration["GatewayOps:FaultPoint"]);

        // Without HTTP/3, whose library would be looked for at every start.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(ServiceLimits.Apply).UseUrls([.. urls]);
        builder.AddServiceLogging();

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddRouting();
        services.AddHealthChecks();
        services.AddErrorWriters();
        services.AddExceptionHandler<RequestFaults>();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => Strict(json.SerializerOptions));
        // Below the 30 s that orchestrators grant; long enough for most streams to end by themselves.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(builder.Configuration.GetValue("shutdownTimeoutSeconds", 25)));
        return builder;
    }

    /// <summary>What comes in must be what we know, spelled as we spell it, once.</summary>
    private static void Strict(JsonSerializerOptions json)
    {
        json.PropertyNameCaseInsensitive = false;
        json.AllowDuplicateProperties = false;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        json.TypeInfoResolverChain.Insert(0, RequestJson.Default);
    }

    private static IReadOnlyList<string> Urls(IConfiguration configuration)
    {
        var urls = ListenUrls.Of(configuration);
        foreach (var url in urls)
        {
            try
            {
                _ = BindingAddress.Parse(url);
            }
            catch (FormatException)
            {
                throw new StartException($"The setting urls (--urls) has the address {url}, which is not like {ListenUrls.Default}: correct it");
            }
        }

        return urls.Count > 0 ? urls : throw new StartException($"The setting urls (--urls) is empty: remove it, or set an address like {ListenUrls.Default}");
    }
}
