using System.Net;
using System.Net.Sockets;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// Connects to addresses that were checked, and to no other: the name is resolved once, what it gives is checked, and the connection is made to what was checked. So a
/// name that changes its address between two look-ups gains nothing.
/// </summary>
/// <param name="resolve">Tests give their own.</param>
/// <param name="connect">Tests give their own.</param>
public sealed class CheckedConnection(Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> _connect = connect ?? SocketAsync;

    /// <summary>Throws what <paramref name="refused"/> makes where none of the host's addresses <paramref name="isAllowed"/>, and <see cref="SocketException"/> where none answers.</summary>
    public async Task<Stream> ConnectAsync(DnsEndPoint to, Func<IPAddress, bool> isAllowed, Func<Exception> refused, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await _resolve(to.Host, cancellationToken);
        var permitted = addresses.Where(isAllowed).ToList();
        if (permitted.Count == 0)
        {
            throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : refused();
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
