using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Emulator.Export.Otlp;
using GatewayOps.Tests.Support;
using NpgsqlTypes;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>The heap is measured: nothing else may run in the process.</summary>
[CollectionDefinition(nameof(StoreRateTests), DisableParallelization = true)]
public sealed class StoreRateCollection;

/// <summary>
/// A million rows through the store and by OTLP, beside a bare COPY of the same rows in the same run, in turns of 50,000 rows so that both meet the same machine. At least half as fast, and in
/// memory that does not grow with the rows. The bare COPY is what a log without identity would do: Npgsql's importer on one connection, the same columns and values, into the same day's partition
/// of gateway_logs with both of its indexes (its key of gateway, id and time, and time, gateway, id), committed each 10,000 rows as the store does; no keys, no cursor, nothing looked up.
/// </summary>
[Collection(nameof(StoreRateTests))]
public sealed class StoreRateTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Rows = 1_000_000;
    private const int Turn = 50_000;
    private const int WarmUp = 300_000; // not counted: until code is compiled as well as it becomes
    private const int Batch = 10_000;
    private const int Spans = 500; // of an export
    private const int Senders = 16;
    private const string Token = "otlp-token-of-the-tests";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(20);

    // An hour of today: one partition, as load has it.
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow().AddHours(-1);

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task StoreStage_IsHalfAsFastAsABareCopy_InFlatMemory()
    {
        await using var service = await TestService.StartAsync(_database);
        var store = (AttemptStore)service.Services.GetService(typeof(AttemptStore))!;

        await CompareAsync("store", from =>
        {
            var batches = RowsOf(from).Chunk(Batch).ToList();
            return async cancellationToken =>
            {
                foreach (var batch in batches)
                {
                    var stored = await store.AddAsync(batch, new FeedMove("prod", LogSources.Logs) { Through = batch[^1].CreatedAt }, cancellationToken);
                    Assert.Equal(batch.Length, stored.Added);
                }
            };
        });
    }

    [Theory]
    [InlineData("protobuf")]
    [InlineData("json")]
    public async Task Otlp_IsHalfAsFastAsABareCopy_InFlatMemory(string encoding)
    {
        await using var service = await TestService.StartAsync(_database, settings: new Dictionary<string, string> { ["GatewayOps:Ingestion:OtlpToken"] = Token });

        await CompareAsync($"otlp {encoding}", from =>
        {
            var bodies = Enumerable.Range(0, Turn / Spans).Select(i => Export(from + (i * Spans), encoding)).ToList();
            return cancellationToken => Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = cancellationToken }, async (body, stop) =>
            {
                while (true)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, "/otlp/prod/v1/traces") { Content = new ByteArrayContent(body), Headers = { { "Authorization", $"Bearer {Token}" } } };
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(encoding == "json" ? "application/json" : "application/x-protobuf");
                    using var answer = await service.Anonymous.SendAsync(request, stop);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }

                    Assert.Equal(429, (int)answer.StatusCode);
                    await Task.Delay(20, stop);
                }
            });
        });
    }

    /// <param name="prepare">Makes what is to be stored of the turn that begins at a row, and returns the storing of it: that alone is measured.</param>
    private async Task CompareAsync(string what, Func<int, Func<CancellationToken, Task>> prepare)
    {
        using var end = new CancellationTokenSource(Longest);
        var notes = new Notes(output, $"store-rate-{what.Replace(' ', '-')}");
        var (bare, own, heaps) = (new Stopwatch(), new Stopwatch(), new List<long>());
        var (allocated, collections, paused, used, bareUsed) = (0L, new int[3], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        for (var from = 0; from < WarmUp + Rows; from += Turn)
        {
            if (from == WarmUp)
            {
                foreach (var watch in (Stopwatch[])[bare, own]) watch.Reset();
                (allocated, collections, paused, used, bareUsed) = (0, new int[3], default, default, default);
            }

            var rows = RowsOf(from).ToList();
            var begun = Environment.CpuUsage.TotalTime;
            bare.Start();
            await CopyAsync(rows, end.Token);
            bare.Stop();
            bareUsed += Environment.CpuUsage.TotalTime - begun;

            var run = prepare(from);
            var (bytes, gcs, pause, cpu) = (GC.GetTotalAllocatedBytes(), Collections(), GC.GetTotalPauseDuration(), Environment.CpuUsage.TotalTime);
            own.Start();
            await run(end.Token);
            own.Stop();
            (allocated, paused, used) = (allocated + GC.GetTotalAllocatedBytes() - bytes, paused + GC.GetTotalPauseDuration() - pause, used + Environment.CpuUsage.TotalTime - cpu);
            collections = [.. Collections().Zip(gcs, collections).Select(count => count.Third + count.First - count.Second)];

            if (from >= WarmUp && (from + Turn) % (Rows / 10) == 0)
            {
                (rows, run) = ([], null!);
                heaps.Add(GC.GetTotalMemory(forceFullCollection: true));
                var counted = from + Turn - WarmUp;
                notes.Add($"{what}, {counted} rows: {Rate(own, counted):F0} a second, bare COPY {Rate(bare, counted):F0}: {bare.Elapsed / own.Elapsed:F2}; heap {heaps[^1] >> 20} MiB; {Machine.Load}");
            }
        }

        var told = string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {Rate(own, Rows):F0} rows a second, bare COPY {Rate(bare, Rows):F0}: {bare.Elapsed / own.Elapsed:F2}; heap {string.Join(", ", heaps.Select(heap => heap >> 20))} MiB; "
            + $"of each row {allocated / Rows} bytes allocated and {used.TotalMicroseconds / Rows:F1} us of this process (bare {bareUsed.TotalMicroseconds / Rows:F1}), collections {string.Join('/', collections)} that paused {paused.TotalSeconds:F1} s; {Machine.Load}");
        notes.Add(told);
        Assert.Equal([(long)(WarmUp + Rows), WarmUp + Rows], await _database.QueryAsync<long>("select count(*) from gateway_logs group by gateway order by gateway"));
        // After the first tenth, pools and caches are as large as they become.
        Assert.True(heaps.Skip(1).Max() - heaps[1] < 32 << 20, $"the heap grows: {told}");
        Assert.True(bare.Elapsed >= 0.5 * own.Elapsed, $"less than half as fast: {told}");
    }

    private static double Rate(Stopwatch watch, int rows) => rows / watch.Elapsed.TotalSeconds;

    private static int[] Collections() => [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];

    private static IEnumerable<Attempt> RowsOf(int from) => Enumerable.Range(from, Turn).Select(Row);

    private static Attempt Row(int i) => new()
    {
        Gateway = "prod",
        Source = LogSources.Logs,
        Id = Id(i),
        CreatedAt = Start.AddMilliseconds(i * 2),
        RequestId = Request(i),
        Number = 1,
        Provider = "openai",
        Model = "gpt-4o-mini",
        Path = "chat/completions",
        StatusCode = 200,
        Success = true,
        DurationMs = 250,
        TokensIn = 100 + (i % 50),
        TokensOut = 20,
        CostUsd = 0.000123m,
    };

    private static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"01JD{i:D22}");

    private static string Request(int i) => string.Create(CultureInfo.InvariantCulture, $"{i:x8}0190a1b2c3d4e5f60718293a");

    private static byte[] Export(int from, string encoding)
    {
        var spans = Enumerable.Range(from, Spans).Select(i => new OtelSpan(
            i.ToString("x32", CultureInfo.InvariantCulture), i.ToString("x16", CultureInfo.InvariantCulture), null, Start.AddMilliseconds(i * 2), Start.AddMilliseconds((i * 2) + 250), Failed: false,
            [
                new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", "openai"), new("gen_ai.model.provider", "openai"), new("gen_ai.request.model", "gpt-4o-mini"),
                new("gen_ai.usage.input_tokens", 100L + (i % 50)), new("gen_ai.usage.output_tokens", 20L), new("gen_ai.usage.cost", 0.000123),
                new("request_id", Request(i)), new("revision", "production-rules@3"),
            ]));
        return encoding == "json" ? OtelJson.Of(spans) : OtelProtobuf.Of(spans).ToArray();
    }

    private async Task CopyAsync(List<Attempt> rows, CancellationToken cancellationToken)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync(cancellationToken);
        foreach (var batch in rows.Chunk(Batch))
        {
            await using var copy = await connection.BeginBinaryImportAsync(
                "copy gateway_logs (gateway, id, created_at, source, provider, model, path, status_code, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id, attempt) from stdin (format binary)", cancellationToken);
            foreach (var row in batch)
            {
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync("bare", NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(row.Id, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(row.CreatedAt, NpgsqlDbType.TimestampTz, cancellationToken);
                await copy.WriteAsync(row.Source, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(row.Provider, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(row.Model, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(row.Path, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(row.StatusCode!.Value, NpgsqlDbType.Integer, cancellationToken);
                await copy.WriteAsync(row.Success, NpgsqlDbType.Boolean, cancellationToken);
                await copy.WriteAsync(row.Cached, NpgsqlDbType.Boolean, cancellationToken);
                await copy.WriteAsync(row.DurationMs, NpgsqlDbType.Double, cancellationToken);
                await copy.WriteAsync(row.TokensIn!.Value, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(row.TokensOut!.Value, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(row.CostUsd!.Value, NpgsqlDbType.Numeric, cancellationToken);
                await copy.WriteAsync(row.RequestId!, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(1, NpgsqlDbType.Integer, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }
    }
}
