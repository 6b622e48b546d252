using System.Net;
using GatewayOps.ControlPlane.Http;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// The connections to providers without a gateway between. Where a name leads is checked each time that it is connected to: to the public Internet alone, or to one's own
/// machines as well for providers that say so. Both keep connections apart, so that none is used by what may not open it.
/// </summary>
public sealed class DirectConnections : IDisposable
{
    private readonly HttpMessageInvoker _public;
    private readonly HttpMessageInvoker _own;

    /// <param name="connection">Tests give their own.</param>
    public DirectConnections(CheckedConnection? connection = null)
    {
        var checking = connection ?? new CheckedConnection();
        (_public, _own) = (New(checking, allowPrivate: false), New(checking, allowPrivate: true));
    }

    public static bool IsAllowed(IPAddress address, bool allowPrivate) => PublicAddress.Is(address) || (allowPrivate && PrivateAddress.Is(address));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, bool allowPrivate, CancellationToken cancellationToken) =>
        (allowPrivate ? _own : _public).SendAsync(message, cancellationToken);

    public void Dispose()
    {
        _public.Dispose();
        _own.Dispose();
    }

    private static HttpMessageInvoker New(CheckedConnection connection, bool allowPrivate)
    {
        var handler = UpstreamConnections.NewHandler();
        handler.ConnectCallback = async (context, cancellationToken) => await connection.ConnectAsync(
            context.DnsEndPoint, address => IsAllowed(address, allowPrivate), () => new AddressRefusedException(context.DnsEndPoint.Host), cancellationToken);
        return new HttpMessageInvoker(handler);
    }
}

/// <summary>A provider's host leads to no address that may be connected to.</summary>
public sealed class AddressRefusedException(string host) : IOException($"{host} leads to an address that is not of the public Internet");
