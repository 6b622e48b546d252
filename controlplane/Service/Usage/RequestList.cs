using System.Text;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>A request record as the operator API shows it.</summary>
public sealed record RequestView(
    Guid Id, DateTimeOffset At, string RequestId, string Method, string Path, string Gateway, string Provider, string Model, string? SessionId, string? VirtualKey,
    int Status, string Outcome, double DurationMs, double? FirstByteMs, bool Stream, string Cache, long? TokensIn, long? TokensOut, long? TokensCached,
    long? TokensReasoning, long? TokensCacheWrite, bool TokensEstimated, decimal? CostUsd, int Attempts, string Revision, string? Rule, bool Cold);

/// <summary>Which records are asked for; null is all.</summary>
public sealed record RequestFilter
{
    public string? Gateway { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public StatusRange? Status { get; init; }

    /// <summary>One of <see cref="Outcomes"/>.</summary>
    public string? Outcome { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public string? RequestId { get; init; }
    public string? Session { get; init; }
    public string? Key { get; init; }
}

/// <summary>Reads request_records for the operator API.</summary>
public sealed class RequestList(NpgsqlDataSource database)
{
    /// <summary>Newest first, those before the cursor's record.</summary>
    public async Task<IReadOnlyList<RequestView>> ReadAsync(RequestFilter filter, int limit, RequestPlace? before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        var where = new StringBuilder("true");
        Add("at >= {0}", filter.Since?.UtcDateTime);
        Add("at < {0}", filter.Until?.UtcDateTime);
        Add("gateway = {0}", StoredText.Of(filter.Gateway));
        Add("provider = {0}", StoredText.Of(filter.Provider));
        Add("model = {0}", StoredText.Of(filter.Model));
        Add("status >= {0}", filter.Status?.From);
        Add("status <= {0}", filter.Status?.To);
        Add("outcome = {0}", filter.Outcome);
        Add("request_id = {0}", StoredText.Of(filter.RequestId));
        Add("session_id = {0}", StoredText.Of(filter.Session));
        Add("virtual_key = {0}", StoredText.Of(filter.Key));
        if (before is { } place)
        {
            Add("(at, id) < ({0}, {1})", place.At.UtcDateTime, place.Id);
            // Said once more, so that days after it are not looked into.
            Add("at <= {0}", place.At.UtcDateTime);
        }

        command.Parameters.Add(new() { Value = limit });
        command.CommandText = $"""
            select id, at, request_id, method, path, gateway, provider, model, session_id, virtual_key, status, outcome, duration_ms, first_byte_ms, stream,
                cache_status, tokens_in, tokens_out, tokens_cached, tokens_reasoning, tokens_cache_write, tokens_estimated,
                cost_usd, attempts, revision, rule, cold
            from request_records where {where} order by at desc, id desc limit ${command.Parameters.Count}
            """;
        var requests = new List<RequestView>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            requests.Add(View(rows));
        }

        return requests;

        void Add(string condition, params object?[] values)
        {
            if (values[0] is null)
            {
                return;
            }

            var names = new object[values.Length];
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new() { Value = values[i] });
                names[i] = $"${command.Parameters.Count}";
            }

            where.Append(" and ").AppendFormat(System.Globalization.CultureInfo.InvariantCulture, condition, names);
        }
    }

    private static RequestView View(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        Text(row, 8), Text(row, 9), row.GetInt32(10), row.GetString(11), row.GetDouble(12), row.IsDBNull(13) ? null : row.GetDouble(13), row.GetBoolean(14),
        row.GetString(15), Count(row, 16), Count(row, 17), Count(row, 18), Count(row, 19), Count(row, 20), row.GetBoolean(21),
        row.IsDBNull(22) ? null : row.GetDecimal(22), row.GetInt32(23), row.GetString(24), Text(row, 25), row.GetBoolean(26));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Count(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
