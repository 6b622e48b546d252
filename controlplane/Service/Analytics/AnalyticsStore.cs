using GatewayOps.ControlPlane.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>Minutes before <paramref name="SettledUntil"/> are final, those before <paramref name="ReadUntil"/> are there. <paramref name="PolledAt"/>: when that was.</summary>
public sealed record AnalyticsCursor(DateTimeOffset SettledUntil, DateTimeOffset ReadUntil, DateTimeOffset PolledAt);

/// <summary>Minutes of analytics, each as last told, and how far they were read.</summary>
public sealed class AnalyticsStore(NpgsqlDataSource database)
{
    private const string Feed = "requests";

    /// <summary>Null before the first poll.</summary>
    public async Task<AnalyticsCursor?> CursorAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select settled_until, read_until, polled_at from analytics_cursors where feed = $1");
        command.Parameters.Add(new() { Value = Feed });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>
    /// Puts these minutes in the place of what is there from <paramref name="from"/> until the cursor's end, and moves the cursor, in one transaction: whatever was told before is gone, so
    /// nothing counts twice. False where another replica has moved the cursor meanwhile: then nothing is changed. `Replaced`: how many rows were there before.
    /// </summary>
    /// <param name="was">The cursor as it was when the poll began.</param>
    public async Task<(bool IsStored, int Replaced)> ReplaceAsync(DateTimeOffset from, AnalyticsCursor? was, AnalyticsCursor cursor, IReadOnlyList<AnalyticsBucketRow> rows, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var make = Command("insert into analytics_cursors (feed, settled_until, read_until, polled_at) values ($1, $2, $2, $3) on conflict do nothing", Feed, (was?.SettledUntil ?? from).UtcDateTime, cursor.PolledAt.UtcDateTime))
        {
            await make.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var held = Command("select settled_until, read_until, polled_at from analytics_cursors where feed = $1 for update", Feed))
        {
            if ((await ReadAsync(held, cancellationToken))!.SettledUntil != (was?.SettledUntil ?? from))
            {
                return (false, 0);
            }
        }

        int replaced;
        await using (var delete = Command("delete from analytics_buckets where minute >= $1 and minute < $2", from.UtcDateTime, cursor.ReadUntil.UtcDateTime))
        {
            replaced = await delete.ExecuteNonQueryAsync(cancellationToken);
        }

        await CopyAsync(connection, rows, cancellationToken);
        await using (var move = Command(
            "update analytics_cursors set settled_until = $2, read_until = greatest(read_until, $3), polled_at = $4 where feed = $1",
            Feed, cursor.SettledUntil.UtcDateTime, cursor.ReadUntil.UtcDateTime, cursor.PolledAt.UtcDateTime))
        {
            await move.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return (true, replaced);

        NpgsqlCommand Command(string sql, params object[] values)
        {
            var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            return command;
        }
    }

    /// <summary>Drops minutes from before the days that are kept.</summary>
    public async Task DropAsync(DateTime firstKept, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from analytics_buckets where minute < $1");
        command.Parameters.Add(new() { Value = firstKept });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, IReadOnlyList<AnalyticsBucketRow> rows, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            "copy analytics_buckets (minute, gateway, provider, model, status_code, cached, requests, errors, tokens_in, tokens_out, cost_usd, median_ms, p90_ms, p99_ms) from stdin (format binary)",
            cancellationToken);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(row.Minute.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await import.WriteAsync(row.Gateway, NpgsqlDbType.Text, cancellationToken);
            await import.WriteAsync(row.Provider, NpgsqlDbType.Text, cancellationToken);
            await import.WriteAsync(row.Model, NpgsqlDbType.Text, cancellationToken);
            await import.WriteAsync(row.StatusCode, NpgsqlDbType.Integer, cancellationToken);
            await import.WriteAsync(row.Cached, NpgsqlDbType.Boolean, cancellationToken);
            await import.WriteAsync(row.Requests, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(row.Errors, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(row.TokensIn, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(row.TokensOut, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(row.CostUsd, NpgsqlDbType.Numeric, cancellationToken);
            foreach (var duration in new[] { row.MedianMs, row.P90Ms, row.P99Ms })
            {
                await (duration is { } known ? import.WriteAsync(known, NpgsqlDbType.Double, cancellationToken) : import.WriteNullAsync(cancellationToken));
            }
        }

        await import.CompleteAsync(cancellationToken);
    }

    private static async Task<AnalyticsCursor?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new AnalyticsCursor(rows.GetFieldValue<DateTimeOffset>(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetFieldValue<DateTimeOffset>(2))
            : null;
    }
}
