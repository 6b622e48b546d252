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
/// A million rows through the store and by OTLP, beside a bare COPY of the same rows into the same table in the same run. At least half as fast, and
/// in memory that does not grow with the rows.
/// </summary>
[Collection(nameof(StoreRateTests))]
public sealed class StoreRateTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Rows = 1_000_000;
    private const int Batch = 10_000;
    private const string Token = "otlp-token-of-the-tests";

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
        var bare = await CopyAsync();

        var heaps = new List<long>();
        var watch = Stopwatch.StartNew();
        for (var from = 0; from < Rows; from += Batch)
        {
            await store.AddAsync([.. Enumerable.Range(from, Batch).Select(Row)], new FeedMove("prod", LogSources.Logs) { Through = Start.AddMilliseconds(from) }, CancellationToken.None);
            Measure(heaps, from);
        }

        Judge("store", bare, Rows / watch.Elapsed.TotalSeconds, heaps);
        Assert.Equal([(long)Rows], await _database.QueryAsync<long>("select count(*) from gateway_logs where gateway = 'prod'"));
    }

    [Theory]
    [InlineData("protobuf")]
    [InlineData("json")]
    public async Task Otlp_IsHalfAsFastAsABareCopy_InFlatMemory(string encoding)
    {
        await using var service = await TestService.StartAsync(_database, settings: new Dictionary<string, string> { ["GatewayOps:Ingestion:OtlpToken"] = Token });
        const int spans = 500;
        var exports = Enumerable.Range(0, Rows / spans).Select(i => (Func<byte[]>)(() => Export(i * spans, spans, encoding))).ToList();
        var bare = await CopyAsync();

        var heaps = new List<long>();
        var watch = new Stopwatch();
        for (var group = 0; group < exports.Count; group += 40)
        {
            var bodies = exports.Skip(group).Take(40).Select(make => make()).ToList();
            watch.Start();
            await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (body, cancellationToken) =>
            {
                while (true)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, "/otlp/prod/v1/traces") { Content = new ByteArrayContent(body), Headers = { { "Authorization", $"Bearer {Token}" } } };
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(encoding == "json" ? "application/json" : "application/x-protobuf");
                    using var answer = await service.Anonymous.SendAsync(request, cancellationToken);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }

                    Assert.Equal(429, (int)answer.StatusCode);
                    await Task.Delay(20, cancellationToken);
                }
            });
            watch.Stop();
            Measure(heaps, group * spans);
        }

        Judge($"otlp {encoding}", bare, Rows / watch.Elapsed.TotalSeconds, heaps);
        Assert.Equal([(long)Rows], await _database.QueryAsync<long>("select count(*) from gateway_logs where gateway = 'prod'"));
    }

    private static Attempt Row(int i) => new()
    {
        Gateway = "prod",
        Source = LogSources.Logs,
        Id = Id(i),
        CreatedAt = Start.AddMilliseconds(i * 3),
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

    private static byte[] Export(int from, int count, string encoding)
    {
        var spans = Enumerable.Range(from, count).Select(i => new OtelSpan(
            i.ToString("x32", CultureInfo.InvariantCulture), i.ToString("x16", CultureInfo.InvariantCulture), null, Start.AddMilliseconds(i * 3), Start.AddMilliseconds((i * 3) + 250), Failed: false,
            [
                new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", "openai"), new("gen_ai.model.provider", "openai"), new("gen_ai.request.model", "gpt-4o-mini"),
                new("gen_ai.usage.input_tokens", 100L + (i % 50)), new("gen_ai.usage.output_tokens", 20L), new("gen_ai.usage.cost", 0.000123),
                new("request_id", Request(i)), new("revision", "production-rules@3"),
            ]));
        return encoding == "json" ? OtelJson.Of(spans) : OtelProtobuf.Of(spans).ToArray();
    }

    /// <summary>Rows a second of a bare COPY into the same table, with its indexes, in transactions of the same size.</summary>
    private async Task<double> CopyAsync()
    {
        var watch = Stopwatch.StartNew();
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        for (var from = 0; from < Rows; from += Batch)
        {
            await using var copy = await connection.BeginBinaryImportAsync(
                "copy gateway_logs (gateway, id, created_at, source, provider, model, path, status_code, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id, attempt) from stdin (format binary)");
            foreach (var row in Enumerable.Range(from, Batch).Select(Row))
            {
                await copy.StartRowAsync();
                await copy.WriteAsync("bare", NpgsqlDbType.Text);
                await copy.WriteAsync(row.Id, NpgsqlDbType.Text);
                await copy.WriteAsync(row.CreatedAt, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(row.Source, NpgsqlDbType.Text);
                await copy.WriteAsync(row.Provider, NpgsqlDbType.Text);
                await copy.WriteAsync(row.Model, NpgsqlDbType.Text);
                await copy.WriteAsync(row.Path, NpgsqlDbType.Text);
                await copy.WriteAsync(row.StatusCode!.Value, NpgsqlDbType.Integer);
                await copy.WriteAsync(row.Success, NpgsqlDbType.Boolean);
                await copy.WriteAsync(row.Cached, NpgsqlDbType.Boolean);
                await copy.WriteAsync(row.DurationMs, NpgsqlDbType.Double);
                await copy.WriteAsync(row.TokensIn!.Value, NpgsqlDbType.Bigint);
                await copy.WriteAsync(row.TokensOut!.Value, NpgsqlDbType.Bigint);
                await copy.WriteAsync(row.CostUsd!.Value, NpgsqlDbType.Numeric);
                await copy.WriteAsync(row.RequestId!, NpgsqlDbType.Text);
                await copy.WriteAsync(1, NpgsqlDbType.Integer);
            }

            await copy.CompleteAsync();
        }

        var rate = Rows / watch.Elapsed.TotalSeconds;
        await _database.ExecuteAsync("delete from gateway_logs where gateway = 'bare'");
        await _database.ExecuteAsync("vacuum analyze gateway_logs");
        return rate;
    }

    private static void Measure(List<long> heaps, int done)
    {
        if (done % (Rows / 10) == 0)
        {
            heaps.Add(GC.GetTotalMemory(forceFullCollection: true));
        }
    }

    private void Judge(string what, double bare, double rate, List<long> heaps)
    {
        output.WriteLine($"{what}: {rate:F0} rows/s, bare COPY {bare:F0} rows/s: {rate / bare:F2}; heap {string.Join(", ", heaps.Select(heap => $"{heap >> 20} MiB"))}");
        Assert.True(rate >= 0.5 * bare, $"{what}: {rate:F0} rows a second are less than half of the {bare:F0} of a bare COPY");
        // After the first tenth, pools and caches are as large as they become.
        Assert.True(heaps[^1] - heaps[1] < 32 << 20, $"the heap grows: {string.Join(", ", heaps)}");
    }
}
