using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// Whether Cloudflare's management API answers us, by the calls that we make anyway: a probe of its own would cost the account's budget. It never makes the service unready: the proxy needs no
/// management call, and a replica that left would not help.
/// </summary>
public sealed class CloudflareReach : IHealthCheck
{
    /// <summary>Failures in a row that count as an outage.</summary>
    private const int Patience = 3;

    private readonly Lock _lock = new();
    private int _failures;
    private string? _reason;
    private bool _isAsked;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(
                _failures >= Patience ? HealthCheckResult.Degraded($"Cloudflare's API: {_reason}, {_failures} calls in a row. `gatewayops doctor` says more.")
                : _isAsked ? HealthCheckResult.Healthy("Cloudflare's API answers.")
                : HealthCheckResult.Healthy("Cloudflare's API has not been asked yet."));
        }
    }

    /// <summary>Notes what became of a call; null is an answer that a service in good order gives.</summary>
    public void Note(string? failure)
    {
        lock (_lock)
        {
            _isAsked = true;
            (_failures, _reason) = failure is null ? (0, null) : (_failures + 1, failure);
        }
    }

    /// <summary>Between the client and its connections.</summary>
    public sealed class Handler(CloudflareReach reach, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var answer = await base.SendAsync(request, cancellationToken);
                reach.Note(answer.StatusCode switch
                {
                    HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"it refuses the API token ({(int)answer.StatusCode})",
                    >= HttpStatusCode.InternalServerError => $"it answers {(int)answer.StatusCode}",
                    _ => null,
                });
                return answer;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                reach.Note("it cannot be reached");
                throw;
            }
        }
    }
}
