using GatewayOps.ControlPlane.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Writes batches into request_records by binary COPY: one round trip, all or nothing.</summary>
public sealed class RequestRecordTable(NpgsqlDataSource database)
{
    private const string Copy = """
        copy request_records (id, at, request_id, method, path, gateway, provider, model, session_id, virtual_key, status, outcome, duration_ms,
            first_byte_ms, stream, cache_status, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost_usd, attempts, revision, rule, asked_model, asked_provider,
            cold, tokens_estimated, tokens_cache_write)
        from stdin (format binary)
        """;

    private DateOnly _day;

    /// <summary>Sees to the partition of a new day first. Throws <see cref="NpgsqlException"/>.</summary>
    public async Task WriteAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        var day = DayPartitions.DayOf(records[^1].At);
        if (day != _day)
        {
            await DayPartitions.RequestRecords.EnsureAsync(database, day, cancellationToken);
            _day = day;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await CopyAsync(connection, records, cancellationToken);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        foreach (var record in records)
        {
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(record.Id, NpgsqlDbType.Uuid, cancellationToken);
            await import.WriteAsync(record.At.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await TextAsync(record.RequestId);
            await TextAsync(record.Method);
            await TextAsync(record.Path);
            await TextAsync(record.Gateway);
            await TextAsync(record.Provider);
            await TextAsync(record.Model);
            await TextAsync(record.SessionId);
            await TextAsync(record.VirtualKey);
            await import.WriteAsync(record.Status, NpgsqlDbType.Integer, cancellationToken);
            await TextAsync(record.Outcome);
            await import.WriteAsync(record.Duration.TotalMilliseconds, NpgsqlDbType.Double, cancellationToken);
            await ValueAsync(record.FirstByte?.TotalMilliseconds, NpgsqlDbType.Double);
            await import.WriteAsync(record.Stream, NpgsqlDbType.Boolean, cancellationToken);
            await TextAsync(record.Cache);
            await ValueAsync(record.Tokens?.Input, NpgsqlDbType.Bigint);
            await ValueAsync(record.Tokens?.Output, NpgsqlDbType.Bigint);
            await ValueAsync(record.Tokens?.Cached, NpgsqlDbType.Bigint);
            await ValueAsync(record.Tokens?.Reasoning, NpgsqlDbType.Bigint);
            await ValueAsync(record.CostUsd, NpgsqlDbType.Numeric);
            await import.WriteAsync(record.Attempts, NpgsqlDbType.Integer, cancellationToken);
            await TextAsync(record.Revision);
            await TextAsync(record.Rule);
            await TextAsync(record.AskedModel);
            await TextAsync(record.AskedProvider);
            await import.WriteAsync(record.IsCold, NpgsqlDbType.Boolean, cancellationToken);
            await import.WriteAsync(record.Tokens?.IsEstimate ?? false, NpgsqlDbType.Boolean, cancellationToken);
            await ValueAsync(record.Tokens?.CacheWrites, NpgsqlDbType.Bigint);
        }

        await import.CompleteAsync(cancellationToken);

        Task TextAsync(string? value) =>
            value is null ? import.WriteNullAsync(cancellationToken) : import.WriteAsync(value.Replace("\0", ""), NpgsqlDbType.Text, cancellationToken);

        Task ValueAsync<T>(T? value, NpgsqlDbType type)
            where T : struct => value is { } known ? import.WriteAsync(known, type, cancellationToken) : import.WriteNullAsync(cancellationToken);
    }
}
