using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Writes batches into request_records by binary COPY: one round trip, all or nothing. For one writer.</summary>
public sealed class RequestRecordTable(NpgsqlDataSource database)
{
    private const string Copy = """
        copy request_records (id, at, request_id, method, path, gateway, provider, model, session_id, virtual_key, status, outcome, duration_ms,
            first_byte_ms, stream, cache_status, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost_usd, attempts, revision, rule, asked_model, asked_provider,
            cold, tokens_estimated, tokens_cache_write)
        from stdin (format binary)
        """;

    /// <summary>Of <see cref="Copy"/>.</summary>
    private const short Columns = 29;

    private readonly CopyBuffer _rows = new();
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

        var connection = await database.OpenConnectionAsync(cancellationToken);
        var isAbandoned = true;
        try
        {
            await _rows.SendAsync(connection, Copy, records, Write, cancellationToken);
            isAbandoned = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            isAbandoned = false;
            throw;
        }
        finally
        {
            // To close it, Npgsql would wait for a server that does not answer.
            if (!isAbandoned)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private static void Write(CopyBuffer rows, UsageRecord record)
    {
        rows.Row(Columns);
        rows.Uuid(record.Id);
        rows.Time(record.At);
        rows.Text(record.RequestId);
        rows.Text(record.Method);
        rows.Text(record.Path);
        rows.Text(record.Gateway);
        rows.Text(record.Provider);
        rows.Text(record.Model);
        rows.Text(record.SessionId);
        rows.Text(record.VirtualKey);
        rows.Integer(record.Status);
        rows.Text(record.Outcome);
        rows.Double(record.Duration.TotalMilliseconds);
        rows.Double(record.FirstByte?.TotalMilliseconds);
        rows.Boolean(record.Stream);
        rows.Text(record.Cache);
        rows.Bigint(record.Tokens?.Input);
        rows.Bigint(record.Tokens?.Output);
        rows.Bigint(record.Tokens?.Cached);
        rows.Bigint(record.Tokens?.Reasoning);
        rows.Numeric(record.CostUsd);
        rows.Integer(record.Attempts);
        rows.Text(record.Revision);
        rows.Text(record.Rule);
        rows.Text(record.AskedModel);
        rows.Text(record.AskedProvider);
        rows.Boolean(record.IsCold);
        rows.Boolean(record.Tokens?.IsEstimate ?? false);
        rows.Bigint(record.Tokens?.CacheWrites);
    }
}
