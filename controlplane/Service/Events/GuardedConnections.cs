using System.Net;
using GatewayOps.ControlPlane.Http;

namespace GatewayOps.ControlPlane.Events;

/// <summary>A webhook's host leads to an address that is not of the public Internet.</summary>
public sealed class DestinationRefusedException(string host)
    : IOException($"{host} leads to an address that is not of the public Internet: correct the webhook's Url, or name the host or its range in GatewayOps:Events:AllowPrivate");

/// <summary>Connects webhooks to the addresses that may be connected to, and to no other: see <see cref="CheckedConnection"/>.</summary>
/// <param name="resolve">Tests give their own.</param>
/// <param name="connect">Tests give their own.</param>
public sealed class GuardedConnections(
    AllowedDestinations allowed,
    Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null,
    Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5);

    private readonly CheckedConnection _connection = new(resolve, connect);

    /// <summary>A handler that follows no redirect, knows no proxy and no cookie, and reads little.</summary>
    public SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = LongestConnect,
        // The name is looked up anew from time to time.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxConnectionsPerServer = 4,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 64 * 1024,
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint, cancellationToken),
    };

    /// <exception cref="DestinationRefusedException">None of the host's addresses may be connected to.</exception>
    public Task<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancellationToken) =>
        _connection.ConnectAsync(to, address => allowed.Allows(to.Host, address), () => new DestinationRefusedException(to.Host), cancellationToken);
}
