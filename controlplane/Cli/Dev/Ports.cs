using System.Net;
using System.Net.Sockets;

namespace GatewayOps.Cli.Dev;

/// <summary>Loopback ports: whether one is free, and a free one.</summary>
public static class Ports
{
    /// <summary>Fails with the option to change when somebody else listens on the port.</summary>
    public static void Demand(int port, string option)
    {
        if (port is < 1 or > IPEndPoint.MaxPort)
        {
            throw new CliException($"{port} is no port.", $"give {option} a number from 1 to {IPEndPoint.MaxPort}");
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException)
        {
            throw new CliException($"Port {port} on 127.0.0.1 is in use.", $"stop what listens there, or choose another with {option} PORT");
        }
    }

    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
