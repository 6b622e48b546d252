using System.Net;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>The connections to Cloudflare's data plane. Without HttpClient's own timeout and buffering.</summary>
public sealed class UpstreamConnections() : HttpMessageInvoker(NewHandler())
{
    /// <summary>No proxy, no redirect, no cookies, no decompression: an answer comes from where the request was sent and passes as it is.</summary>
    internal static SocketsHttpHandler NewHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follows DNS
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
        EnableMultipleHttp2Connections = true,
        // An answer that is given up is cut, not read on: the provider works for as long as somebody reads.
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(100),
    };
}
