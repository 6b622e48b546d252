using System.Net;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Whether a request comes from this machine and means this machine: all that a service without tokens answers.</summary>
internal static class LocalCaller
{
    // The name as well as the address: a web page whose name was rebound to 127.0.0.1 comes from this machine, too.
    public static bool Is(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && (context.Request.Host.Host is "localhost" || (IPAddress.TryParse(context.Request.Host.Host.Trim('[', ']'), out var named) && IPAddress.IsLoopback(named)));
}
