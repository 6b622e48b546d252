using System.Net;
using System.Net.Sockets;

namespace GatewayOps.Cli.Dev;

/// <summary>Loopback ports: whether one is free, and a free one.</summary>
public static class Ports
{
    private const int Lowest = 20_000;

    // Linux gives out 32768 and above, others 49152 and above.
    private const int FirstGivenOut = 32_768;

    /// <summary>Fails with the option to change when somebody else listens on the port.</summary>
    public static void Demand(int port, string option)
    {
        if (port is < 1 or > IPEndPoint.MaxPort)
        {
            throw new CliException($"{port} is no port.", $"give {option} a number from 1 to {IPEndPoint.MaxPort}");
        }

        if (!IsFree(port))
        {
            throw new CliException($"Port {port} on 127.0.0.1 is in use.", $"stop what listens there, or choose another with {option} PORT");
        }
    }

    /// <summary>A free one, of those that no system gives out by itself: nobody else gets it before it is listened on.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, FirstGivenOut);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
