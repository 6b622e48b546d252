using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>
/// Brings the database to the schema of this build, before anything else of the service starts. Replicas that start together take turns by a session lock on a connection
/// of its own: EF Core's lock is a table lock, which a migration outside a transaction would lose half-way.
/// </summary>
public sealed partial class Migrator(NpgsqlDataSource source, IDbContextFactory<GatewayOpsDb> databases, TimeProvider time, ILogger<Migrator> log) : IHostedService
{
    private const string Lock = "hashtextextended('gatewayops.migrate', 0)";

    public Task StartAsync(CancellationToken cancellationToken) => ApplyAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Applies what is pending; does nothing to a database that is up to date.</summary>
    /// <exception cref="StorageUnavailableException">The database cannot be reached or refuses us.</exception>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var connection = source.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            // Another replica may be in the middle of a long migration: no time limit but the caller's token.
            await ExecuteAsync(connection, $"select pg_advisory_lock({Lock})", seconds: 0, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw StorageUnavailableException.From(e, source);
        }
        try
        {
            if ((await KnownMigrations.PendingAsync(connection, cancellationToken)).Count > 0)
            {
                await MigrateAsync(cancellationToken);
            }

            await DayPartitions.EnsureAheadAsync(source, time.GetUtcNow(), cancellationToken);
        }
        finally
        {
            // The connection goes back to the pool with its session, so the lock is given up by name.
            await ExecuteAsync(connection, $"select pg_advisory_unlock({Lock})", seconds: 30, CancellationToken.None);
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // EF Core finds out that its table is missing by a query that fails, and logs that as an error.
        await database.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        var pending = (await database.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await database.Database.MigrateAsync(cancellationToken);
            Migrated(log, pending.Count, pending[^1]);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, int seconds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = seconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(7000, LogLevel.Information, "Database migrated: {Count} migrations, up to {Migration}")]
    private static partial void Migrated(ILogger logger, int count, string migration);
}
