using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Log entries of gateways, each once, and how far each gateway's log was read.</summary>
public sealed class GatewayLogStore(NpgsqlDataSource source, IDbContextFactory<GatewayOpsDb> databases)
{
    /// <summary>The gateways that we know of: with a status, an activation, a stored key or an object of ours.</summary>
    public async Task<IReadOnlyList<string>> GatewaysAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GatewayStatuses.Select(row => row.Gateway)
            .Union(db.Activations.Select(row => row.Gateway))
            .Union(db.ProviderKeys.Select(row => row.Gateway))
            .Union(db.Inventory.Select(row => row.Gateway))
            .Where(gateway => gateway != "")
            .Order()
            .ToListAsync(cancellationToken);
    }

    /// <summary>The time of the newest entry that was read; null before the first poll.</summary>
    public async Task<DateTimeOffset?> ThroughAsync(string gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogCursors.Where(row => row.Gateway == gateway).Select(row => (DateTimeOffset?)row.Through).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Adds the entries that are not there yet and moves the gateway's cursor forward, in one transaction: neither is ever without the other. Returns how many were new.
    /// </summary>
    public async Task<int> AddAsync(string gateway, IReadOnlyList<GatewayLogRow> rows, DateTimeOffset through, DateTimeOffset polledAt, CancellationToken cancellationToken)
    {
        foreach (var day in rows.Select(row => DayPartitions.DayOf(row.CreatedAt)).Distinct())
        {
            await DayPartitions.GatewayLogs.EnsureAsync(source, day, cancellationToken);
        }
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand("""
            insert into gateway_logs (gateway, id, created_at, provider, model, path, status_code, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id)
            select $1, * from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            on conflict do nothing
            """, connection, transaction)
        {
            Parameters =
            {
                new() { Value = gateway },
                Column(NpgsqlDbType.Text, rows.Select(row => row.Id)),
                Column(NpgsqlDbType.TimestampTz, rows.Select(row => row.CreatedAt.ToUniversalTime())),
                Column(NpgsqlDbType.Text, rows.Select(row => row.Provider)),
                Column(NpgsqlDbType.Text, rows.Select(row => row.Model)),
                Column(NpgsqlDbType.Text, rows.Select(row => row.Path)),
                Column(NpgsqlDbType.Integer, rows.Select(row => row.StatusCode)),
                Column(NpgsqlDbType.Boolean, rows.Select(row => row.Success)),
                Column(NpgsqlDbType.Boolean, rows.Select(row => row.Cached)),
                Column(NpgsqlDbType.Double, rows.Select(row => row.DurationMs)),
                Column(NpgsqlDbType.Bigint, rows.Select(row => row.TokensIn)),
                Column(NpgsqlDbType.Bigint, rows.Select(row => row.TokensOut)),
                Column(NpgsqlDbType.Numeric, rows.Select(row => row.CostUsd)),
                Column(NpgsqlDbType.Text, rows.Select(row => row.RequestId)),
            },
        };
        var added = await insert.ExecuteNonQueryAsync(cancellationToken);
        await using var move = new NpgsqlCommand("""
            insert into log_cursors (gateway, through, polled_at) values ($1, $2, $3)
            on conflict (gateway) do update set through = greatest(log_cursors.through, excluded.through), polled_at = greatest(log_cursors.polled_at, excluded.polled_at)
            """, connection, transaction)
        {
            Parameters = { new() { Value = gateway }, new() { Value = through.ToUniversalTime() }, new() { Value = polledAt.ToUniversalTime() } },
        };
        await move.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return added;
    }

    /// <summary>Up to <paramref name="limit"/> entries that pass the filter, newest first, after the cursor.</summary>
    public async Task<IReadOnlyList<GatewayLogRow>> ListAsync(LogFilter filter, LogPlace? after, int limit, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = filter.Of(db, db.GatewayLogs.AsNoTracking());
        if (after is not null)
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.CreatedAt, row.Gateway, row.Id), ValueTuple.Create(after.CreatedAt, after.Gateway, after.Id)))
                // Said once more, so that days after it are not looked into.
                .Where(row => row.CreatedAt <= after.CreatedAt);
        }
        return await rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Gateway).ThenByDescending(row => row.Id)
            .Take(limit).ToListAsync(cancellationToken);
    }

    private static NpgsqlParameter Column<T>(NpgsqlDbType type, IEnumerable<T> values) => new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values.ToArray() };
}
