using System.Net.Sockets;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Whether an exception says that the database is away, or does not answer.</summary>
public static class Outage
{
    public static bool Is(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException
        || (exception.InnerException is { } inner && Is(inner));

    /// <summary>Whether another try may help: not where PostgreSQL answers that a value or a row cannot be (its classes 22 and 23).</summary>
    public static bool MayPass(Exception exception) => Is(exception) && exception is not PostgresException { SqlState: ['2', '2' or '3', ..] };
}
