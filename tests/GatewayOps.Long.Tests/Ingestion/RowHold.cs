using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>Lets transactions write keys of rows and not the rows, so that PostgreSQL is killed when one is half done. It ends with the server.</summary>
internal sealed class RowHold(NpgsqlDataSource database, NpgsqlConnection holder) : IAsyncDisposable
{
    public static async Task<RowHold> TakeAsync(string connectionString)
    {
        var database = NpgsqlDataSource.Create($"{connectionString};Pooling=false");
        var holder = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("begin; lock table only gateway_logs in share mode", holder);
        await command.ExecuteNonQueryAsync();
        return new RowHold(database, holder);
    }

    /// <summary>The keys of a transaction's rows are written, and the rows wait, or what this source knows better of them.</summary>
    public async Task UntilRowsWaitAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await using var command = database.CreateCommand(
            """
            select count(*) from pg_locks l
            where l.relation = 'gateway_logs'::regclass and not l.granted and l.mode = 'RowExclusiveLock' and exists (select from pg_locks k where k.pid = l.pid and k.relation = 'gateway_log_keys'::regclass and k.granted)
            """);
        while (Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Delivery.Patience, "no row came");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await holder.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // Its server was killed.
        }

        await database.DisposeAsync();
    }
}
