using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>What orchestrators and people ask a service first; without authentication, and without a secret.</summary>
public static class HealthEndpoints
{
    /// <summary>Tag of the checks that decide whether traffic should come here.</summary>
    public const string Ready = "ready";

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        // Live means: the process answers. A dependency that is down is no reason to restart us.
        endpoints.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = WriteAsync });
        endpoints.MapGet("/version", () => new VersionAnswer(Version, RuntimeInformation.FrameworkDescription)).WithTags("Service");
        return endpoints;
    }

    private static string Version { get; } =
        typeof(HealthEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new HealthAnswer(
            report.Status.ToString(),
            report.Entries.ToDictionary(entry => entry.Key, entry => new CheckAnswer(entry.Value.Status.ToString(), entry.Value.Description))),
        context.RequestAborted);

    internal sealed record VersionAnswer(string Version, string Runtime);

    private sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, CheckAnswer> Checks);

    private sealed record CheckAnswer(string Status, string? Description);
}
