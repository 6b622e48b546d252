using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GatewayOps.ControlPlane.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Rollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "analytics_buckets",
                columns: table => new
                {
                    minute = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    gateway = table.Column<string>(type: "text", nullable: false),
                    provider = table.Column<string>(type: "text", nullable: false),
                    model = table.Column<string>(type: "text", nullable: false),
                    status_code = table.Column<int>(type: "integer", nullable: false),
                    cached = table.Column<bool>(type: "boolean", nullable: false),
                    requests = table.Column<long>(type: "bigint", nullable: false),
                    errors = table.Column<long>(type: "bigint", nullable: false),
                    tokens_in = table.Column<long>(type: "bigint", nullable: false),
                    tokens_out = table.Column<long>(type: "bigint", nullable: false),
                    cost_usd = table.Column<decimal>(type: "numeric", nullable: false),
                    median_ms = table.Column<double>(type: "double precision", nullable: true),
                    p90_ms = table.Column<double>(type: "double precision", nullable: true),
                    p99_ms = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_analytics_buckets", x => new { x.minute, x.gateway, x.provider, x.model, x.status_code, x.cached });
                });

            migrationBuilder.CreateTable(
                name: "analytics_cursors",
                columns: table => new
                {
                    feed = table.Column<string>(type: "text", nullable: false),
                    settled_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    read_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    polled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_analytics_cursors", x => x.feed);
                });

            migrationBuilder.CreateTable(
                name: "usage_backlog",
                columns: table => new
                {
                    day = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_backlog", x => x.day);
                });

            migrationBuilder.CreateTable(
                name: "usage_rollups",
                columns: table => new
                {
                    grain = table.Column<string>(type: "text", nullable: false),
                    bucket = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    virtual_key = table.Column<string>(type: "text", nullable: false),
                    gateway = table.Column<string>(type: "text", nullable: false),
                    provider = table.Column<string>(type: "text", nullable: false),
                    model = table.Column<string>(type: "text", nullable: false),
                    requests = table.Column<long>(type: "bigint", nullable: false),
                    answered = table.Column<long>(type: "bigint", nullable: false),
                    client_errors = table.Column<long>(type: "bigint", nullable: false),
                    upstream_errors = table.Column<long>(type: "bigint", nullable: false),
                    timeouts = table.Column<long>(type: "bigint", nullable: false),
                    truncated = table.Column<long>(type: "bigint", nullable: false),
                    cancelled = table.Column<long>(type: "bigint", nullable: false),
                    rate_limited = table.Column<long>(type: "bigint", nullable: false),
                    refused = table.Column<long>(type: "bigint", nullable: false),
                    streams = table.Column<long>(type: "bigint", nullable: false),
                    cache_hits = table.Column<long>(type: "bigint", nullable: false),
                    attempts = table.Column<long>(type: "bigint", nullable: false),
                    fallbacks = table.Column<long>(type: "bigint", nullable: false),
                    unpriced = table.Column<long>(type: "bigint", nullable: false),
                    tokens_in = table.Column<long>(type: "bigint", nullable: false),
                    tokens_out = table.Column<long>(type: "bigint", nullable: false),
                    tokens_cached = table.Column<long>(type: "bigint", nullable: false),
                    tokens_cache_write = table.Column<long>(type: "bigint", nullable: false),
                    tokens_reasoning = table.Column<long>(type: "bigint", nullable: false),
                    hit_tokens_in = table.Column<long>(type: "bigint", nullable: false),
                    hit_tokens_out = table.Column<long>(type: "bigint", nullable: false),
                    hit_tokens_cached = table.Column<long>(type: "bigint", nullable: false),
                    hits_with_tokens = table.Column<long>(type: "bigint", nullable: false),
                    cost_usd = table.Column<decimal>(type: "numeric", nullable: false),
                    latency = table.Column<int[]>(type: "integer[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_rollups", x => new { x.grain, x.bucket, x.virtual_key, x.gateway, x.provider, x.model });
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 70);

            // By the database and not by the writer: replicas of the version before write through it, too. The new trigger's lock on the
            // records and the list of days that are owed come in one transaction, so each record is counted once.
            migrationBuilder.Sql(
                """
                create function usage_roll_up() returns trigger language plpgsql as $$
                declare
                    bounds constant double precision[] := array[1, 2, 4, 8, 16, 20.2, 25.4, 32, 40.3, 50.8, 64, 80.6, 101.6, 128, 161.3, 203.2, 256, 322.5, 406.4, 512, 645.1, 812.7, 1024, 1290.2, 1625.5, 2048, 2580.3, 3251, 4096, 5160.6, 6502, 8192, 10321.3, 13004, 16384, 20642.5, 26008, 32768, 41285.1, 52016, 65536, 82570.2, 104032, 131072, 165140, 208064, 262144, 330281, 416128, 524288, 660562];
                    most constant bigint := 500;
                begin
                    insert into usage_rollups as t (grain, bucket, virtual_key, gateway, provider, model,
                        requests, answered, client_errors, upstream_errors, timeouts, truncated, cancelled, rate_limited, refused, streams, cache_hits, attempts, fallbacks, unpriced, tokens_in, tokens_out, tokens_cached, tokens_cache_write, tokens_reasoning, hit_tokens_in, hit_tokens_out, hit_tokens_cached, hits_with_tokens, cost_usd, latency)
                    with facts as materialized (
                        select date_trunc('day', at, 'UTC') as day, date_trunc('hour', at, 'UTC') as hour,
                            coalesce(virtual_key, '') as virtual_key, left(gateway, 128) as gateway, left(provider, 128) as provider, left(model, 128) as model,
                            outcome, stream, cache_status, attempts, cost_usd, tokens_in, tokens_out, tokens_cached, tokens_cache_write, tokens_reasoning,
                            width_bucket(duration_ms, bounds) as slot
                        from fresh where not exists (select from usage_backlog b where b.day = (fresh.at at time zone 'UTC')::date)),
                    names as (select distinct day, virtual_key, gateway, provider, model from facts),
                    judged as (
                        select n.*, exists (select from usage_rollups u where u.grain = 'day' and u.bucket = n.day and u.virtual_key = n.virtual_key
                            and u.gateway = n.gateway and u.provider = n.provider and u.model = n.model) as known
                        from names n),
                    placed as (
                        select *, case when known then 0 else row_number() over (partition by day, virtual_key, known order by gateway, provider, model)
                            + (select count(*) from usage_rollups u where u.grain = 'day' and u.bucket = judged.day and u.virtual_key = judged.virtual_key) end as place
                        from judged),
                    kept as (
                        select g.grain, case g.grain when 'hour' then f.hour else f.day end as bucket, f.virtual_key,
                            case when p.place <= most then f.gateway else '_other' end as gateway,
                            case when p.place <= most then f.provider else '_other' end as provider,
                            case when p.place <= most then f.model else '_other' end as model,
                            f.outcome, f.stream, f.cache_status, f.attempts, f.cost_usd, f.tokens_in, f.tokens_out, f.tokens_cached, f.tokens_cache_write, f.tokens_reasoning, f.slot
                        from facts f join placed p using (day, virtual_key, gateway, provider, model) cross join (values ('hour'), ('day')) g (grain))
                    select grain, bucket, virtual_key, gateway, provider, model,
                        count(*),
                        count(*) filter (where attempts > 0 and cache_status <> 'hit'),
                        count(*) filter (where outcome = 'client_error'),
                        count(*) filter (where outcome = 'upstream_error'),
                        count(*) filter (where outcome = 'timeout'),
                        count(*) filter (where outcome = 'truncated'),
                        count(*) filter (where outcome = 'cancelled'),
                        count(*) filter (where outcome = 'rate_limited'),
                        count(*) filter (where outcome = 'refused'),
                        count(*) filter (where stream),
                        count(*) filter (where cache_status = 'hit'),
                        coalesce(sum(attempts), 0),
                        count(*) filter (where attempts > 1 and outcome = 'ok'),
                        count(*) filter (where cost_usd is null and attempts > 0 and cache_status <> 'hit' and outcome in ('ok', 'truncated')),
                        coalesce(sum(tokens_in), 0),
                        coalesce(sum(tokens_out), 0),
                        coalesce(sum(tokens_cached), 0),
                        coalesce(sum(tokens_cache_write), 0),
                        coalesce(sum(tokens_reasoning), 0),
                        coalesce(sum(tokens_in) filter (where cache_status = 'hit'), 0),
                        coalesce(sum(tokens_out) filter (where cache_status = 'hit'), 0),
                        coalesce(sum(tokens_cached) filter (where cache_status = 'hit'), 0),
                        count(*) filter (where cache_status = 'hit' and tokens_in is not null),
                        coalesce(sum(cost_usd), 0),
                        array[count(*) filter (where slot = 0), count(*) filter (where slot = 1), count(*) filter (where slot = 2), count(*) filter (where slot = 3), count(*) filter (where slot = 4), count(*) filter (where slot = 5), count(*) filter (where slot = 6), count(*) filter (where slot = 7), count(*) filter (where slot = 8), count(*) filter (where slot = 9), count(*) filter (where slot = 10), count(*) filter (where slot = 11), count(*) filter (where slot = 12), count(*) filter (where slot = 13), count(*) filter (where slot = 14), count(*) filter (where slot = 15), count(*) filter (where slot = 16), count(*) filter (where slot = 17), count(*) filter (where slot = 18), count(*) filter (where slot = 19), count(*) filter (where slot = 20), count(*) filter (where slot = 21), count(*) filter (where slot = 22), count(*) filter (where slot = 23), count(*) filter (where slot = 24), count(*) filter (where slot = 25), count(*) filter (where slot = 26), count(*) filter (where slot = 27), count(*) filter (where slot = 28), count(*) filter (where slot = 29), count(*) filter (where slot = 30), count(*) filter (where slot = 31), count(*) filter (where slot = 32), count(*) filter (where slot = 33), count(*) filter (where slot = 34), count(*) filter (where slot = 35), count(*) filter (where slot = 36), count(*) filter (where slot = 37), count(*) filter (where slot = 38), count(*) filter (where slot = 39), count(*) filter (where slot = 40), count(*) filter (where slot = 41), count(*) filter (where slot = 42), count(*) filter (where slot = 43), count(*) filter (where slot = 44), count(*) filter (where slot = 45), count(*) filter (where slot = 46), count(*) filter (where slot = 47), count(*) filter (where slot = 48), count(*) filter (where slot = 49), count(*) filter (where slot = 50), count(*) filter (where slot = 51)]
                    from kept group by grain, bucket, virtual_key, gateway, provider, model order by grain, bucket, virtual_key, gateway, provider, model
                    on conflict (grain, bucket, virtual_key, gateway, provider, model) do update set
                        requests = t.requests + excluded.requests, answered = t.answered + excluded.answered, client_errors = t.client_errors + excluded.client_errors, upstream_errors = t.upstream_errors + excluded.upstream_errors, timeouts = t.timeouts + excluded.timeouts, truncated = t.truncated + excluded.truncated, cancelled = t.cancelled + excluded.cancelled, rate_limited = t.rate_limited + excluded.rate_limited, refused = t.refused + excluded.refused, streams = t.streams + excluded.streams, cache_hits = t.cache_hits + excluded.cache_hits, attempts = t.attempts + excluded.attempts, fallbacks = t.fallbacks + excluded.fallbacks, unpriced = t.unpriced + excluded.unpriced, tokens_in = t.tokens_in + excluded.tokens_in, tokens_out = t.tokens_out + excluded.tokens_out, tokens_cached = t.tokens_cached + excluded.tokens_cached, tokens_cache_write = t.tokens_cache_write + excluded.tokens_cache_write, tokens_reasoning = t.tokens_reasoning + excluded.tokens_reasoning, hit_tokens_in = t.hit_tokens_in + excluded.hit_tokens_in, hit_tokens_out = t.hit_tokens_out + excluded.hit_tokens_out, hit_tokens_cached = t.hit_tokens_cached + excluded.hit_tokens_cached, hits_with_tokens = t.hits_with_tokens + excluded.hits_with_tokens, cost_usd = t.cost_usd + excluded.cost_usd,
                        latency = array[t.latency[1] + excluded.latency[1], t.latency[2] + excluded.latency[2], t.latency[3] + excluded.latency[3], t.latency[4] + excluded.latency[4], t.latency[5] + excluded.latency[5], t.latency[6] + excluded.latency[6], t.latency[7] + excluded.latency[7], t.latency[8] + excluded.latency[8], t.latency[9] + excluded.latency[9], t.latency[10] + excluded.latency[10], t.latency[11] + excluded.latency[11], t.latency[12] + excluded.latency[12], t.latency[13] + excluded.latency[13], t.latency[14] + excluded.latency[14], t.latency[15] + excluded.latency[15], t.latency[16] + excluded.latency[16], t.latency[17] + excluded.latency[17], t.latency[18] + excluded.latency[18], t.latency[19] + excluded.latency[19], t.latency[20] + excluded.latency[20], t.latency[21] + excluded.latency[21], t.latency[22] + excluded.latency[22], t.latency[23] + excluded.latency[23], t.latency[24] + excluded.latency[24], t.latency[25] + excluded.latency[25], t.latency[26] + excluded.latency[26], t.latency[27] + excluded.latency[27], t.latency[28] + excluded.latency[28], t.latency[29] + excluded.latency[29], t.latency[30] + excluded.latency[30], t.latency[31] + excluded.latency[31], t.latency[32] + excluded.latency[32], t.latency[33] + excluded.latency[33], t.latency[34] + excluded.latency[34], t.latency[35] + excluded.latency[35], t.latency[36] + excluded.latency[36], t.latency[37] + excluded.latency[37], t.latency[38] + excluded.latency[38], t.latency[39] + excluded.latency[39], t.latency[40] + excluded.latency[40], t.latency[41] + excluded.latency[41], t.latency[42] + excluded.latency[42], t.latency[43] + excluded.latency[43], t.latency[44] + excluded.latency[44], t.latency[45] + excluded.latency[45], t.latency[46] + excluded.latency[46], t.latency[47] + excluded.latency[47], t.latency[48] + excluded.latency[48], t.latency[49] + excluded.latency[49], t.latency[50] + excluded.latency[50], t.latency[51] + excluded.latency[51], t.latency[52] + excluded.latency[52]];
                    return null;
                end $$;

                create function usage_roll_up_day(wanted date) returns void language plpgsql as $$
                declare
                    bounds constant double precision[] := array[1, 2, 4, 8, 16, 20.2, 25.4, 32, 40.3, 50.8, 64, 80.6, 101.6, 128, 161.3, 203.2, 256, 322.5, 406.4, 512, 645.1, 812.7, 1024, 1290.2, 1625.5, 2048, 2580.3, 3251, 4096, 5160.6, 6502, 8192, 10321.3, 13004, 16384, 20642.5, 26008, 32768, 41285.1, 52016, 65536, 82570.2, 104032, 131072, 165140, 208064, 262144, 330281, 416128, 524288, 660562];
                    most constant bigint := 500;
                    part regclass := to_regclass('request_records_' || to_char(wanted, 'YYYYMMDD'));
                    since timestamptz := wanted::timestamp at time zone 'UTC';
                    until timestamptz := (wanted + 1)::timestamp at time zone 'UTC';
                begin
                    -- A writer that is under way in this day ends first, and the next one sees that the day is no longer owed: each row is counted by one of the two.
                    lock table only request_records_default in share row exclusive mode;
                    if part is not null then execute format('lock table %s in share row exclusive mode', part); end if;
                    delete from usage_backlog where day = wanted;
                    if not found then return; end if;
                    insert into usage_rollups as t (grain, bucket, virtual_key, gateway, provider, model,
                        requests, answered, client_errors, upstream_errors, timeouts, truncated, cancelled, rate_limited, refused, streams, cache_hits, attempts, fallbacks, unpriced, tokens_in, tokens_out, tokens_cached, tokens_cache_write, tokens_reasoning, hit_tokens_in, hit_tokens_out, hit_tokens_cached, hits_with_tokens, cost_usd, latency)
                    with facts as materialized (
                        select date_trunc('day', at, 'UTC') as day, date_trunc('hour', at, 'UTC') as hour,
                            coalesce(virtual_key, '') as virtual_key, left(gateway, 128) as gateway, left(provider, 128) as provider, left(model, 128) as model,
                            outcome, stream, cache_status, attempts, cost_usd, tokens_in, tokens_out, tokens_cached, tokens_cache_write, tokens_reasoning,
                            width_bucket(duration_ms, bounds) as slot
                        from request_records where at >= since and at < until),
                    names as (select distinct day, virtual_key, gateway, provider, model from facts),
                    judged as (
                        select n.*, exists (select from usage_rollups u where u.grain = 'day' and u.bucket = n.day and u.virtual_key = n.virtual_key
                            and u.gateway = n.gateway and u.provider = n.provider and u.model = n.model) as known
                        from names n),
                    placed as (
                        select *, case when known then 0 else row_number() over (partition by day, virtual_key, known order by gateway, provider, model)
                            + (select count(*) from usage_rollups u where u.grain = 'day' and u.bucket = judged.day and u.virtual_key = judged.virtual_key) end as place
                        from judged),
                    kept as (
                        select g.grain, case g.grain when 'hour' then f.hour else f.day end as bucket, f.virtual_key,
                            case when p.place <= most then f.gateway else '_other' end as gateway,
                            case when p.place <= most then f.provider else '_other' end as provider,
                            case when p.place <= most then f.model else '_other' end as model,
                            f.outcome, f.stream, f.cache_status, f.attempts, f.cost_usd, f.tokens_in, f.tokens_out, f.tokens_cached, f.tokens_cache_write, f.tokens_reasoning, f.slot
                        from facts f join placed p using (day, virtual_key, gateway, provider, model) cross join (values ('hour'), ('day')) g (grain))
                    select grain, bucket, virtual_key, gateway, provider, model,
                        count(*),
                        count(*) filter (where attempts > 0 and cache_status <> 'hit'),
                        count(*) filter (where outcome = 'client_error'),
                        count(*) filter (where outcome = 'upstream_error'),
                        count(*) filter (where outcome = 'timeout'),
                        count(*) filter (where outcome = 'truncated'),
                        count(*) filter (where outcome = 'cancelled'),
                        count(*) filter (where outcome = 'rate_limited'),
                        count(*) filter (where outcome = 'refused'),
                        count(*) filter (where stream),
                        count(*) filter (where cache_status = 'hit'),
                        coalesce(sum(attempts), 0),
                        count(*) filter (where attempts > 1 and outcome = 'ok'),
                        count(*) filter (where cost_usd is null and attempts > 0 and cache_status <> 'hit' and outcome in ('ok', 'truncated')),
                        coalesce(sum(tokens_in), 0),
                        coalesce(sum(tokens_out), 0),
                        coalesce(sum(tokens_cached), 0),
                        coalesce(sum(tokens_cache_write), 0),
                        coalesce(sum(tokens_reasoning), 0),
                        coalesce(sum(tokens_in) filter (where cache_status = 'hit'), 0),
                        coalesce(sum(tokens_out) filter (where cache_status = 'hit'), 0),
                        coalesce(sum(tokens_cached) filter (where cache_status = 'hit'), 0),
                        count(*) filter (where cache_status = 'hit' and tokens_in is not null),
                        coalesce(sum(cost_usd), 0),
                        array[count(*) filter (where slot = 0), count(*) filter (where slot = 1), count(*) filter (where slot = 2), count(*) filter (where slot = 3), count(*) filter (where slot = 4), count(*) filter (where slot = 5), count(*) filter (where slot = 6), count(*) filter (where slot = 7), count(*) filter (where slot = 8), count(*) filter (where slot = 9), count(*) filter (where slot = 10), count(*) filter (where slot = 11), count(*) filter (where slot = 12), count(*) filter (where slot = 13), count(*) filter (where slot = 14), count(*) filter (where slot = 15), count(*) filter (where slot = 16), count(*) filter (where slot = 17), count(*) filter (where slot = 18), count(*) filter (where slot = 19), count(*) filter (where slot = 20), count(*) filter (where slot = 21), count(*) filter (where slot = 22), count(*) filter (where slot = 23), count(*) filter (where slot = 24), count(*) filter (where slot = 25), count(*) filter (where slot = 26), count(*) filter (where slot = 27), count(*) filter (where slot = 28), count(*) filter (where slot = 29), count(*) filter (where slot = 30), count(*) filter (where slot = 31), count(*) filter (where slot = 32), count(*) filter (where slot = 33), count(*) filter (where slot = 34), count(*) filter (where slot = 35), count(*) filter (where slot = 36), count(*) filter (where slot = 37), count(*) filter (where slot = 38), count(*) filter (where slot = 39), count(*) filter (where slot = 40), count(*) filter (where slot = 41), count(*) filter (where slot = 42), count(*) filter (where slot = 43), count(*) filter (where slot = 44), count(*) filter (where slot = 45), count(*) filter (where slot = 46), count(*) filter (where slot = 47), count(*) filter (where slot = 48), count(*) filter (where slot = 49), count(*) filter (where slot = 50), count(*) filter (where slot = 51)]
                    from kept group by grain, bucket, virtual_key, gateway, provider, model order by grain, bucket, virtual_key, gateway, provider, model
                    on conflict (grain, bucket, virtual_key, gateway, provider, model) do update set
                        requests = t.requests + excluded.requests, answered = t.answered + excluded.answered, client_errors = t.client_errors + excluded.client_errors, upstream_errors = t.upstream_errors + excluded.upstream_errors, timeouts = t.timeouts + excluded.timeouts, truncated = t.truncated + excluded.truncated, cancelled = t.cancelled + excluded.cancelled, rate_limited = t.rate_limited + excluded.rate_limited, refused = t.refused + excluded.refused, streams = t.streams + excluded.streams, cache_hits = t.cache_hits + excluded.cache_hits, attempts = t.attempts + excluded.attempts, fallbacks = t.fallbacks + excluded.fallbacks, unpriced = t.unpriced + excluded.unpriced, tokens_in = t.tokens_in + excluded.tokens_in, tokens_out = t.tokens_out + excluded.tokens_out, tokens_cached = t.tokens_cached + excluded.tokens_cached, tokens_cache_write = t.tokens_cache_write + excluded.tokens_cache_write, tokens_reasoning = t.tokens_reasoning + excluded.tokens_reasoning, hit_tokens_in = t.hit_tokens_in + excluded.hit_tokens_in, hit_tokens_out = t.hit_tokens_out + excluded.hit_tokens_out, hit_tokens_cached = t.hit_tokens_cached + excluded.hit_tokens_cached, hits_with_tokens = t.hits_with_tokens + excluded.hits_with_tokens, cost_usd = t.cost_usd + excluded.cost_usd,
                        latency = array[t.latency[1] + excluded.latency[1], t.latency[2] + excluded.latency[2], t.latency[3] + excluded.latency[3], t.latency[4] + excluded.latency[4], t.latency[5] + excluded.latency[5], t.latency[6] + excluded.latency[6], t.latency[7] + excluded.latency[7], t.latency[8] + excluded.latency[8], t.latency[9] + excluded.latency[9], t.latency[10] + excluded.latency[10], t.latency[11] + excluded.latency[11], t.latency[12] + excluded.latency[12], t.latency[13] + excluded.latency[13], t.latency[14] + excluded.latency[14], t.latency[15] + excluded.latency[15], t.latency[16] + excluded.latency[16], t.latency[17] + excluded.latency[17], t.latency[18] + excluded.latency[18], t.latency[19] + excluded.latency[19], t.latency[20] + excluded.latency[20], t.latency[21] + excluded.latency[21], t.latency[22] + excluded.latency[22], t.latency[23] + excluded.latency[23], t.latency[24] + excluded.latency[24], t.latency[25] + excluded.latency[25], t.latency[26] + excluded.latency[26], t.latency[27] + excluded.latency[27], t.latency[28] + excluded.latency[28], t.latency[29] + excluded.latency[29], t.latency[30] + excluded.latency[30], t.latency[31] + excluded.latency[31], t.latency[32] + excluded.latency[32], t.latency[33] + excluded.latency[33], t.latency[34] + excluded.latency[34], t.latency[35] + excluded.latency[35], t.latency[36] + excluded.latency[36], t.latency[37] + excluded.latency[37], t.latency[38] + excluded.latency[38], t.latency[39] + excluded.latency[39], t.latency[40] + excluded.latency[40], t.latency[41] + excluded.latency[41], t.latency[42] + excluded.latency[42], t.latency[43] + excluded.latency[43], t.latency[44] + excluded.latency[44], t.latency[45] + excluded.latency[45], t.latency[46] + excluded.latency[46], t.latency[47] + excluded.latency[47], t.latency[48] + excluded.latency[48], t.latency[49] + excluded.latency[49], t.latency[50] + excluded.latency[50], t.latency[51] + excluded.latency[51], t.latency[52] + excluded.latency[52]];
                end $$;

                create trigger usage_roll_up after insert on request_records referencing new table as fresh for each statement execute function usage_roll_up();

                -- Days that have records already: the job roll_up counts them. Until then the trigger leaves them alone.
                do $$
                declare
                    part record;
                begin
                    for part in select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'request_records'::regclass and c.relname <> 'request_records_default' loop
                        execute format('insert into usage_backlog select to_date(right(%L, 8), ''YYYYMMDD'') where exists (select from %I)', part.name, part.name);
                    end loop;
                    insert into usage_backlog select distinct (at at time zone 'UTC')::date from request_records_default on conflict do nothing;
                end $$;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop trigger usage_roll_up on request_records; drop function usage_roll_up(); drop function usage_roll_up_day(date);");

            migrationBuilder.DropTable(
                name: "analytics_buckets");

            migrationBuilder.DropTable(
                name: "analytics_cursors");

            migrationBuilder.DropTable(
                name: "usage_backlog");

            migrationBuilder.DropTable(
                name: "usage_rollups");
        }
    }
}
