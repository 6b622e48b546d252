using System.Net.Sockets;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Whether an exception says that the database is away, or does not answer.</summary>
public static class Outage
{
    public static bool Is(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException
        || (exception.InnerException is { } inner && Is(inner));
}
