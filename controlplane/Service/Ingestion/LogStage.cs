using System.Runtime.InteropServices;
using GatewayOps.ControlPlane.Storage;
using Npgsql;

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

/// <summary>How it is known which rows are new, from the quickest to the one that nothing surprises.</summary>
internal enum KeyLook
{
    /// <summary>Not at all: that all of them are new is taken for granted.</summary>
    None,

    /// <summary>Their keys are looked up before.</summary>
    Before,

    /// <summary>Each key is tried: another replica adds it now, or the log has the row from before there were keys.</summary>
    Contested,
}

/// <summary>
/// Rows into the day partitions within a transaction, each attempt once whoever delivers it: the keys say what is new, and that is copied to where it belongs, keys and rows. Only what is left goes through a
/// temporary table: what this source knows better of rows that others told of, second rows of one claim, bodies. A value that is known is never replaced, least of all by none.
/// </summary>
internal static class LogStage
{
    // A look for each key, which can only be one into the index: against a list of keys the planner would read a table of a million rows to its end, to find none of them.
    private const string Known = "select key from unnest($1) asked (key) where (select true from gateway_log_keys k where k.key = asked.key)";

    private const string CopyKeys = "copy gateway_log_keys (key, gateway, source, id, created_at) from stdin (format binary)";

    private const string Into = "gateway_logs (gateway, id, created_at, source, provider, model, path, status_code, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id, attempt)";

    private const short KeyColumns = 5;
    private const short RowColumns = 16;

    private const string CopyNew = $"copy {Into} from stdin (format binary)";

    private const string Create = """
        create temp table log_stage (
          key uuid, own_key uuid, is_first boolean, request text, response text, cut boolean,
          gateway text, id text, created_at timestamptz, source text, provider text, model text, path text, status_code int, success boolean, cached boolean, duration_ms float8,
          tokens_in bigint, tokens_out bigint, cost_usd numeric, request_id text, attempt int) on commit drop
        """;

    private const string CopyRest = "copy log_stage from stdin (format binary)";

    private const string Columns = "s.gateway, s.id, s.created_at, s.source, s.provider, s.model, s.path, s.status_code, s.success, s.cached, s.duration_ms, s.tokens_in, s.tokens_out, s.cost_usd, s.request_id";

    // In the order of the keys, as those that are copied: replicas that deliver the same rows wait for each other and not in a ring. A conflict in gateway_logs itself: a row from before there were keys.
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
    /// <param name="look">How it is known what is new. Where a row is there all the same, this fails with a unique violation, but for <see cref="KeyLook.Contested"/>.</param>
    public static async Task<Stored> AddAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<Attempt> rows, KeyLook look, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return default;
        }

        var told = Distinct(rows);
        var firsts = new List<Told>(told);
        firsts.RemoveAll(one => !one.IsFirst);
        firsts.Sort((a, b) => a.Key.CompareTo(b.Key));
        var known = look switch
        {
            KeyLook.None => [],
            KeyLook.Before => await KnownAsync(connection, transaction, firsts, cancellationToken),
            _ => firsts.Select(one => one.Key).ToHashSet(),
        };
        cancellationToken.ThrowIfCancellationRequested();
        var buffer = new CopyBuffer();
        var areAllNew = known.Count == 0 && firsts.Count == told.Count;
        await CopyAsync(buffer, connection, CopyKeys, areAllNew ? firsts : firsts.FindAll(IsNew), WriteKey);
        await CopyAsync(buffer, connection, CopyNew, areAllNew ? told : told.FindAll(IsNew), WriteRow);
        var (added, completed) = (firsts.Count - known.Count, 0);
        if (told.FindAll(one => !IsNew(one) || one.HasBodies) is { Count: > 0 } rest)
        {
            await ExecuteAsync(connection, transaction, Create, cancellationToken);
            await CopyAsync(buffer, connection, CopyRest, rest, WriteStaged);
            added += look == KeyLook.Contested ? await ExecuteAsync(connection, transaction, AddNew, cancellationToken) : 0;
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

        bool IsNew(Told one) => one.IsFirst && !known.Contains(one.Key);
    }

    // A row that a source tells twice is one; the first of a key may be the attempt, another one claims to be.
    private static List<Told> Distinct(IReadOnlyList<Attempt> rows)
    {
        var firsts = new Dictionary<Guid, string>(rows.Count);
        var others = new HashSet<(Guid, string)>();
        var told = new List<Told>(rows.Count);
        foreach (var row in rows)
        {
            var key = row.Key;
            if (firsts.TryAdd(key, row.Id))
            {
                told.Add(new Told(row, key, IsFirst: true));
            }
            else if (firsts[key] != row.Id && others.Add((key, row.Id)))
            {
                told.Add(new Told(row, key, IsFirst: false));
            }
        }

        return told;
    }

    /// <summary>Those of the keys that are stored.</summary>
    private static async Task<HashSet<Guid>> KnownAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, List<Told> firsts, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Known, connection, transaction) { Parameters = { new() { Value = firsts.ConvertAll(one => one.Key) } } };
        var known = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0));
        }

        return known;
    }

    // Not ended by a token: a COPY that has begun takes its connection with it, and rows of a page take less than a second. A server that says nothing ends it as any command.
    private static Task CopyAsync(CopyBuffer buffer, NpgsqlConnection connection, string sql, List<Told> told, Action<CopyBuffer, Told> write) =>
        told.Count == 0 ? Task.CompletedTask : buffer.SendAsync(connection, sql, told, write, CancellationToken.None);

    private static void WriteKey(CopyBuffer to, Told told)
    {
        to.Row(KeyColumns);
        to.Uuid(told.Key);
        to.Text(told.Row.Gateway);
        to.Text(told.Row.Source);
        to.Text(told.Row.Id);
        to.Time(told.Row.CreatedAt);
    }

    private static void WriteRow(CopyBuffer to, Told told)
    {
        to.Row(RowColumns);
        WriteFacts(to, told.Row);
    }

    private static void WriteStaged(CopyBuffer to, Told told)
    {
        var row = told.Row;
        to.Row(RowColumns + 6);
        to.Uuid(told.Key);
        to.Uuid(row.RequestId is null ? told.Key : row.OwnKey);
        to.Boolean(told.IsFirst);
        to.Text(row.RequestBody);
        to.Text(row.ResponseBody);
        to.Boolean(row.BodiesCut);
        WriteFacts(to, row);
    }

    private static void WriteFacts(CopyBuffer to, Attempt row)
    {
        to.Text(row.Gateway);
        to.Text(row.Id);
        to.Time(row.CreatedAt);
        to.Text(row.Source);
        to.Text(row.Provider);
        to.Text(row.Model);
        to.Text(row.Path);
        to.Integer(row.StatusCode);
        to.Boolean(row.Success);
        to.Boolean(row.Cached);
        to.Double(row.DurationMs);
        to.Bigint(row.TokensIn);
        to.Bigint(row.TokensOut);
        to.Numeric(row.CostUsd);
        to.Text(row.RequestId);
        to.Integer(row.RequestId is null ? null : row.Number);
    }

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
