using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>What became of delivered rows. Each is in one of the counts.</summary>
/// <param name="Completed">Known from another source, which did not know all that this one does.</param>
/// <param name="KeptOut">Without a request id, and not of the source that counts.</param>
/// <param name="Expired">Older than rows are kept, or of a time to come.</param>
/// <param name="IsRewound">The source counts from an earlier time on now, and its cursor went back there.</param>
public readonly record struct Stored(int Added, int Completed, int Repeated, int KeptOut, int Expired, bool IsRewound = false)
{
    public static Stored operator +(Stored a, Stored b) =>
        new(a.Added + b.Added, a.Completed + b.Completed, a.Repeated + b.Repeated, a.KeptOut + b.KeptOut, a.Expired + b.Expired, a.IsRewound || b.IsRewound);
}

/// <summary>
/// Rows into the day partitions within a transaction, each attempt once whoever delivers it: the keys say what is new, and that is copied to where it belongs. Only what is left goes through a
/// temporary table: what this source knows better of rows that others told of, second rows of one claim, bodies. A value that is known is never replaced, least of all by none.
/// </summary>
internal static class LogStage
{
    // In the order of the keys: replicas that deliver the same rows wait for each other and not in a ring.
    private const string Claim = """
        insert into gateway_log_keys (key, gateway, source, id, created_at)
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) fresh (key, gateway, source, id, created_at) order by key on conflict (key) do nothing returning key
        """;

    private const string Into = "gateway_logs (gateway, id, created_at, source, provider, model, path, status_code, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id, attempt)";

    private const string CopyNew = $"copy {Into} from stdin (format binary)";

    private const string Create = """
        create temp table log_stage (
          key uuid, own_key uuid, is_first boolean, request text, response text, cut boolean,
          gateway text, id text, created_at timestamptz, source text, provider text, model text, path text, status_code int, success boolean, cached boolean, duration_ms float8,
          tokens_in bigint, tokens_out bigint, cost_usd numeric, request_id text, attempt int) on commit drop
        """;

    private const string CopyRest = "copy log_stage from stdin (format binary)";

    private const string Columns = "s.gateway, s.id, s.created_at, s.source, s.provider, s.model, s.path, s.status_code, s.success, s.cached, s.duration_ms, s.tokens_in, s.tokens_out, s.cost_usd, s.request_id";

    // A conflict in gateway_logs itself: a row from before there were keys.
    private const string AddNew = $"""
        with fresh as (
          insert into gateway_log_keys (key, gateway, source, id, created_at)
          select key, gateway, source, id, created_at from log_stage where is_first order by key on conflict (key) do nothing returning key)
        insert into {Into} select {Columns}, s.attempt from log_stage s join fresh on fresh.key = s.key where s.is_first on conflict do nothing
        """;

    // The same source tells of the same attempt under another id: the claim of a request id cannot be the whole truth, and both are rows.
    private const string AddOthers = $"""
        with fresh as (
          insert into gateway_log_keys (key, gateway, source, id, created_at)
          select s.own_key, s.gateway, s.source, s.id, s.created_at from log_stage s join gateway_log_keys k on k.key = s.key
          where k.source = s.source and k.id <> s.id order by s.own_key on conflict (key) do nothing returning key)
        insert into {Into} select {Columns}, null from log_stage s join fresh on fresh.key = s.own_key on conflict do nothing
        """;

    private const string Complete = """
        update gateway_logs g set
          status_code = coalesce(g.status_code, s.status_code), tokens_in = coalesce(g.tokens_in, s.tokens_in), tokens_out = coalesce(g.tokens_out, s.tokens_out),
          cost_usd = coalesce(g.cost_usd, s.cost_usd), cached = g.cached or s.cached, path = coalesce(nullif(g.path, ''), s.path),
          provider = coalesce(nullif(g.provider, ''), s.provider), model = coalesce(nullif(g.model, ''), s.model)
        from log_stage s join gateway_log_keys k on k.key = s.key
        where s.is_first and k.source <> s.source and g.gateway = k.gateway and g.id = k.id and g.created_at = k.created_at
          and ((g.status_code is null and s.status_code is not null) or (g.tokens_in is null and s.tokens_in is not null) or (g.tokens_out is null and s.tokens_out is not null)
            or (g.cost_usd is null and s.cost_usd is not null) or (s.cached and not g.cached) or (g.path = '' and s.path <> '') or (g.provider = '' and s.provider <> '') or (g.model = '' and s.model <> ''))
        """;

    private const string AddBodies = """
        insert into gateway_log_bodies (gateway, id, created_at, request, response, cut)
        select k.gateway, k.id, k.created_at, s.request, s.response, s.cut from log_stage s join gateway_log_keys k on k.key = s.key or k.key = s.own_key
        where (s.request is not null or s.response is not null) and (k.id = s.id or k.source <> s.source) on conflict do nothing
        """;

    /// <summary>Added, completed and repeated rows of <paramref name="rows"/>. The partitions of their days are the caller's matter.</summary>
    /// <param name="hasOld">The log has rows from before there were keys: what is new by its key may be there all the same. Where it is not said and they meet, this fails with a unique violation.</param>
    public static async Task<Stored> AddAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<Attempt> rows, bool hasOld, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return default;
        }

        var told = Distinct(rows);
        var fresh = hasOld ? [] : await ClaimAsync(connection, transaction, told, cancellationToken);
        await CopyAsync(connection, CopyNew, told.Where(IsNew), WriteRowAsync, cancellationToken);
        var (added, completed) = (fresh.Count, 0);
        if (told.Where(one => !IsNew(one) || one.HasBodies).ToList() is { Count: > 0 } rest)
        {
            await ExecuteAsync(connection, transaction, Create, cancellationToken);
            await CopyAsync(connection, CopyRest, rest, WriteStagedAsync, cancellationToken);
            added += hasOld ? await ExecuteAsync(connection, transaction, AddNew, cancellationToken) : 0;
            if (added < told.Count)
            {
                added += await ExecuteAsync(connection, transaction, AddOthers, cancellationToken);
                completed = await ExecuteAsync(connection, transaction, Complete, cancellationToken);
            }

            if (rest.Exists(one => one.HasBodies))
            {
                await ExecuteAsync(connection, transaction, AddBodies, cancellationToken);
            }
        }

        return new Stored(added, completed, rows.Count - added - completed, 0, 0);

        bool IsNew(Told one) => one.IsFirst && fresh.Contains(one.Key);
    }

    // A row that a source tells twice is one; the first of a key may be the attempt, another one claims to be.
    private static List<Told> Distinct(IReadOnlyList<Attempt> rows)
    {
        var seen = new HashSet<(Guid, string)>(rows.Count);
        var keys = new HashSet<Guid>(rows.Count);
        var told = new List<Told>(rows.Count);
        foreach (var row in rows)
        {
            var key = row.Key;
            if (seen.Add((key, row.Id)))
            {
                told.Add(new Told(row, key, keys.Add(key)));
            }
        }

        return told;
    }

    /// <summary>The keys that nobody had.</summary>
    private static async Task<HashSet<Guid>> ClaimAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, List<Told> told, CancellationToken cancellationToken)
    {
        var first = told.Where(one => one.IsFirst).ToList();
        await using var command = new NpgsqlCommand(Claim, connection, transaction)
        {
            Parameters =
            {
                new() { Value = first.ConvertAll(one => one.Key) },
                new() { Value = first.ConvertAll(one => one.Row.Gateway) },
                new() { Value = first.ConvertAll(one => one.Row.Source) },
                new() { Value = first.ConvertAll(one => one.Row.Id) },
                new() { Value = first.ConvertAll(one => one.Row.CreatedAt.UtcDateTime), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            },
        };
        var fresh = new HashSet<Guid>(first.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            fresh.Add(reader.GetGuid(0));
        }

        return fresh;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, string sql, IEnumerable<Told> told, Func<NpgsqlBinaryImporter, Told, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        NpgsqlBinaryImporter? copy = null;
        try
        {
            foreach (var one in told)
            {
                copy ??= await connection.BeginBinaryImportAsync(sql, cancellationToken);
                await copy.StartRowAsync(cancellationToken);
                await write(copy, one, cancellationToken);
            }

            if (copy is not null)
            {
                await copy.CompleteAsync(cancellationToken);
            }
        }
        finally
        {
            await (copy?.DisposeAsync() ?? default);
        }
    }

    private static async Task WriteStagedAsync(NpgsqlBinaryImporter copy, Told told, CancellationToken cancellationToken)
    {
        var row = told.Row;
        await copy.WriteAsync(told.Key, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(row.RequestId is null ? told.Key : row.OwnKey, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(told.IsFirst, NpgsqlDbType.Boolean, cancellationToken);
        await WriteAsync(copy, row.RequestBody, NpgsqlDbType.Text, cancellationToken);
        await WriteAsync(copy, row.ResponseBody, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(row.BodiesCut, NpgsqlDbType.Boolean, cancellationToken);
        await WriteRowAsync(copy, told, cancellationToken);
    }

    private static async Task WriteRowAsync(NpgsqlBinaryImporter copy, Told told, CancellationToken cancellationToken)
    {
        var row = told.Row;
        await copy.WriteAsync(row.Gateway, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(row.Id, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(row.CreatedAt.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
        await copy.WriteAsync(row.Source, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(row.Provider, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(row.Model, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(row.Path, NpgsqlDbType.Text, cancellationToken);
        await WriteAsync(copy, row.StatusCode, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(row.Success, NpgsqlDbType.Boolean, cancellationToken);
        await copy.WriteAsync(row.Cached, NpgsqlDbType.Boolean, cancellationToken);
        await copy.WriteAsync(row.DurationMs, NpgsqlDbType.Double, cancellationToken);
        await WriteAsync(copy, row.TokensIn, NpgsqlDbType.Bigint, cancellationToken);
        await WriteAsync(copy, row.TokensOut, NpgsqlDbType.Bigint, cancellationToken);
        await WriteAsync(copy, row.CostUsd, NpgsqlDbType.Numeric, cancellationToken);
        await WriteAsync(copy, row.RequestId, NpgsqlDbType.Text, cancellationToken);
        await WriteAsync(copy, row.RequestId is null ? null : row.Number, NpgsqlDbType.Integer, cancellationToken);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter copy, string? value, NpgsqlDbType type, CancellationToken cancellationToken) =>
        value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, type, cancellationToken);

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellationToken)
        where T : struct => value is { } known ? copy.WriteAsync(known, type, cancellationToken) : copy.WriteNullAsync(cancellationToken);

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Told(Attempt Row, Guid Key, bool IsFirst)
    {
        public bool HasBodies => Row.RequestBody is not null || Row.ResponseBody is not null;
    }
}
