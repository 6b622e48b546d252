using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>The right to change one gateway, for as long as its session lives.</summary>
public sealed class GatewayLock(string gateway, NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly DbContextOptions<GatewayOpsDb> _options = new DbContextOptionsBuilder<GatewayOpsDb>().UseNpgsql(connection).Options;

    public string Gateway => gateway;

    /// <summary>
    /// Storage on the very session that holds the lock. The journal is written through it: a replica whose session is gone, and whose lock another
    /// one may hold by now, cannot begin another call.
    /// </summary>
    public GatewayOpsDb OpenDb() => new(_options);

    public async ValueTask DisposeAsync()
    {
        if (connection.State == System.Data.ConnectionState.Open)
        {
            try
            {
                await GatewayLocks.ExecuteAsync(connection, "select pg_advisory_unlock(hashtextextended($1, 0))", GatewayLocks.Name(gateway), CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The session is gone, and the lock with it.
            }
        }

        await connection.DisposeAsync();
    }
}
