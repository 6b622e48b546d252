using System.Net;
using System.Net.Sockets;

namespace GatewayOps.ControlPlane.Events;

/// <summary>A webhook's host leads to an address that is not of the public Internet.</summary>
public sealed class DestinationRefusedException(string host)
    : IOException($"{host} leads to an address that is not of the public Internet: correct the webhook's Url, or name the host or its range in GatewayOps:Events:AllowPrivate");

/// <summary>
/// Connects to the addresses that may be connected to, and to no other: the name is resolved once, what it gives is checked, and the connection is made to what was checked. So a
/// name that changes its address between two look-ups gains nothing.
/// </summary>
/// <param name="resolve">Tests give their own.</param>
/// <param name="connect">Tests give their own.</param>
public sealed class GuardedConnections(
    AllowedDestinations allowed,
    Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null,
    Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> _connect = connect ?? SocketAsync;

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
    public async Task<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await _resolve(to.Host, cancellationToken);
        var permitted = addresses.Where(address => allowed.Allows(to.Host, address)).ToList();
        if (permitted.Count == 0)
        {
            throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new DestinationRefusedException(to.Host);
        }

        for (var i = 0; ; i++)
        {
            try
            {
                return await _connect(new IPEndPoint(permitted[i], to.Port), cancellationToken);
            }
            catch (SocketException) when (i < permitted.Count - 1)
            {
                // The next address may answer.
            }
        }
    }

    private static async Task<Stream> SocketAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
