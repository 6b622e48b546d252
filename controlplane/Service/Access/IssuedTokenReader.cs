using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// Reads the issued tokens and keys that are stored. By hand: this is on the way to the first answer of a replica, where EF Core's model and its queries would cost more than all the rest.
/// </summary>
public static class IssuedTokenReader
{
    private const string Common = "id, name, digest, created_at, created_by, expires_at, rotated_at, revoked_at, previous_digest, previous_until";

    // Where the columns of one kind begin.
    private const int Own = 10;

    /// <summary>There may be thousands of keys, which seldom change: every change of a row changes its xmin, and with it this text.</summary>
    public static async Task<string> KeysMarkAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select count(*) || ' ' || coalesce(sum(xmin::text::numeric), 0) from virtual_keys");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public static Task<List<OperatorTokenRow>> TokensAsync(NpgsqlDataSource source, CancellationToken cancellationToken) => ReadAsync(
        source,
        $"select {Common}, scope from operator_tokens",
        row => new OperatorTokenRow
        {
            Id = row.GetGuid(0),
            Name = row.GetString(1),
            Digest = row.GetFieldValue<byte[]>(2),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(3),
            CreatedBy = row.GetString(4),
            Scope = row.GetString(Own),
        },
        cancellationToken);

    public static Task<List<VirtualKeyRow>> KeysAsync(NpgsqlDataSource source, CancellationToken cancellationToken) => ReadAsync(
        source,
        $"select {Common}, tenant, models, gateways, requests_per_minute, tokens_per_minute, budget_usd, budget_window from virtual_keys",
        row => new VirtualKeyRow
        {
            Id = row.GetGuid(0),
            Name = row.GetString(1),
            Digest = row.GetFieldValue<byte[]>(2),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(3),
            CreatedBy = row.GetString(4),
            Tenant = row.GetString(Own),
            Models = Object<string[]>(row, Own + 1),
            Gateways = Object<string[]>(row, Own + 2),
            RequestsPerMinute = Value<long>(row, Own + 3),
            TokensPerMinute = Value<long>(row, Own + 4),
            BudgetUsd = Value<decimal>(row, Own + 5),
            BudgetWindow = Object<string>(row, Own + 6),
        },
        cancellationToken);

    private static async Task<List<TRow>> ReadAsync<TRow>(NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, TRow> make, CancellationToken cancellationToken)
        where TRow : IssuedTokenRow
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<TRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = make(reader);
            (row.ExpiresAt, row.RotatedAt, row.RevokedAt) = (Value<DateTimeOffset>(reader, 5), Value<DateTimeOffset>(reader, 6), Value<DateTimeOffset>(reader, 7));
            (row.PreviousDigest, row.PreviousUntil) = (Object<byte[]>(reader, 8), Value<DateTimeOffset>(reader, 9));
            rows.Add(row);
        }

        return rows;
    }

    private static T? Value<T>(NpgsqlDataReader row, int column)
        where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    private static T? Object<T>(NpgsqlDataReader row, int column)
        where T : class => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);
}
