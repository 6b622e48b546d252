using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Access;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.ControlPlane.Hosting.Diagnosis;

/// <summary>In the order in which they were made.</summary>
public sealed record DoctorAnswer(IReadOnlyList<DoctorCheck> Checks);

/// <summary>`doctor`: the service examines itself and what it needs.</summary>
public static class DoctorEndpoints
{
    public static IEndpointRouteBuilder MapDoctor(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/v1/doctor", CheckAsync).RequireOperator(OperatorScope.Read).WithTags("Service").WithSummary("Examines the service, the network, Cloudflare, the credentials, each permission, the account, the gateway and whether models run.");
        return endpoints;
    }

    private static async Task<DoctorAnswer> CheckAsync(IConfiguration configuration, CloudflareClient cloudflare, HealthCheckService health, TimeProvider time, CancellationToken cancellationToken)
    {
        // Made for this one answer: what a connection that is kept would say is not what is asked here.
        using var network = Doctor.Handler();
        var doctor = new Doctor(DoctorSettings.Of(configuration), network, cloudflare, time);
        return new DoctorAnswer(await doctor.CheckAsync(token => StatusAsync(health, token), cancellationToken));
    }

    private static async Task<DoctorCheck> StatusAsync(HealthCheckService health, CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthEndpoints.Ready), cancellationToken);
        var bad = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => $"{entry.Key}: {entry.Value.Description}").ToList();
        return bad.Count == 0
            ? DoctorCheck.Passed("status", "the service is ready")
            : DoctorCheck.Failed("status", $"the service is {report.Status.ToString().ToLowerInvariant()}: {string.Join("; ", bad)}", "correct what is named; /readyz shows when it is over");
    }
}
