using System.Collections.Concurrent;
using System.Net.Http.Json;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>
/// Every attempt of a gateway is one row: by each source alone, and by all of them in every order with clocks 5 s apart. By each source the service is killed once, between stage and commit or
/// between commit and what follows it, and then PostgreSQL, while a transaction that stores rows is half done. Each time a part of the rows is told, and a part is not.
/// </summary>
public sealed class ExactlyOnceTests(ITestOutputHelper output)
{
    /// <summary>A third each: the first and the second attempts of requests of the proxy, and requests of clients that call the gateway directly.</summary>
    private const int Third = 200;

    // The pages, windows or exports of a source: two are told, and more are left.
    private const int KilledAt = 3;

    // Most of the time is spent waiting for the scheduler to notice what was killed.
    private const int AtOnce = 6;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    // Equal times, as parallel calls have them; and forty minutes of log, which is more than four windows of the telemetry query.
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(12);

    /// <summary>The long ones first: the short ones fill up the end. `past`: what a backfill reads.</summary>
    private static readonly string[] Orders =
    [
        "logs telemetry otlp", "logs otlp telemetry", "telemetry logs otlp", "telemetry otlp logs", "otlp logs telemetry", "otlp telemetry logs", "logs", "telemetry", "past-logs", "past-telemetry", "otlp",
    ];

    [Fact]
    public async Task Rows_BySourcesInEveryOrder_ThroughKillsOfServiceAndPostgres_ArriveExactlyOnce()
    {
        var notes = new Notes(output, "exactly-once");
        var failures = new ConcurrentBag<string>();
        await using var unused = await TestDatabase.CreateAsync();
        var orders = Environment.GetEnvironmentVariable("GATEWAYOPS_ORDERS")?.Split(',') ?? Orders;
        await Parallel.ForEachAsync(orders.Index(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (order, _) =>
        {
            var (skew, overlap) = order.Index % 2 == 0 ? (Skew, TimeSpan.Zero) : (-Skew, new IngestionOptions().Overlap);
            await using var course = await Course.StartAsync(order.Item, notes);
            try
            {
                await DeliverAsync(course, unused, skew, overlap);
            }
            catch (Exception e)
            {
                await course.NoteAsync($"failed: {e.Message}");
                failures.Add($"{course}\n{e}");
            }
        });

        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
    }

    /// <param name="skew">By how much the telemetry query's clock is ahead of the gateway's, and that of its spans behind.</param>
    /// <param name="overlap">Without one, nothing that is read again heals a cursor that is ahead of its rows.</param>
    private static async Task DeliverAsync(Course course, TestDatabase unused, TimeSpan skew, TimeSpan overlap)
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.CreateGatewayAsync(Course.Gateway);
        using var skewed = await emulator.Admin.PutAsJsonAsync("logs/weather", new { shuffle = true, repeat = true, telemetrySkewSeconds = skew.TotalSeconds });
        skewed.EnsureSuccessStatusCode();
        var rows = Log(emulator.Account.FindGateway(Course.Gateway)!);
        foreach (var (index, source) in course.Order.Split(' ').Index())
        {
            var delivery = new Delivery(course, source, rows, source switch { "otlp" => -skew, "telemetry" or "past-telemetry" => skew, _ => default });
            course.Begin(delivery);
            await using (var killed = await StartAsync(delivery, index % 2 == 0 ? $"ingestion.staged:{KilledAt}" : $"ingestion.stored:{KilledAt}"))
            {
                await course.NoteAsync("is delivered");
                var isTold = delivery.ToAsync(killed);
                await killed.KilledAsync();
                Assert.False(await isTold);
                await course.KilledAsync("service");
            }

            await using var hold = await RowHold.TakeAsync(course.ConnectionString);
            await using var service = await StartAsync(delivery, "");
            await course.NoteAsync("is delivered again");
            var isDone = delivery.ToAsync(service);
            await hold.UntilRowsWaitAsync();
            await course.KilledAsync("PostgreSQL");
            await course.Postgres.KillAsync();
            await course.Postgres.StartAgainAsync();
            await course.NoteAsync("PostgreSQL is back");
            Assert.True(await isDone, "its rows did not all come");
            await course.NoteAsync("is done");
        }

        await course.AssertEachOnceAsync(Third);

        Task<ChildService> StartAsync(Delivery delivery, string fault) => ChildService.StartAsync(unused, emulator, fault, new Dictionary<string, string>
        {
            ["ConnectionStrings:GatewayOps"] = course.ConnectionString,
            ["GatewayOps:Ingestion:Enabled"] = "true",
            ["GatewayOps:Ingestion:Interval"] = "00:00:01",
            ["GatewayOps:Ingestion:Overlap"] = overlap.ToString(),
            ["GatewayOps:Ingestion:Source"] = delivery.Source,
            ["GatewayOps:Ingestion:OtlpToken"] = Delivery.Token,
        });
    }

    private static List<LogRow> Log(GatewayState gateway)
    {
        var start = TimeProvider.System.GetUtcNow() - (Apart * Third) - TimeSpan.FromMinutes(2);
        var rows = Enumerable.Range(0, 3 * Third).Select(i => new LogRow
        {
            Id = gateway.Logs.NewId(start + (Apart * (i / 3))),
            Provider = "openai",
            Model = "gpt-4o-mini",
            Path = "chat/completions",
            StatusCode = 200,
            Success = true,
            Duration = 12,
            TokensIn = 3,
            TokensOut = 5,
            Cost = 0.25m,
            Metadata = (i % 3) switch { 0 => $$"""{"request_id":"r{{i / 3}}"}""", 1 => $$"""{"request_id":"r{{i / 3}}/2"}""", _ => null },
        }).ToList();
        Assert.All(rows, row => Assert.True(gateway.AddLog(row)));
        return rows;
    }
}
