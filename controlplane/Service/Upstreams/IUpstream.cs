namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>A way to the providers. Cloudflare AI Gateway is the default one.</summary>
public interface IUpstream
{
    /// <summary>
    /// Sends one attempt and returns when the answer's headers have arrived. No retry, no redirect.
    /// Throws <see cref="HttpRequestException"/> where no answer came.
    /// </summary>
    Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken);
}
