using System.Globalization;
using GatewayOps.Emulator;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>Two replicas, a job of one second, SIGKILL again and again: each tick has its effect, and has it once. Five and a half minutes.</summary>
public sealed class TickTests(ITestOutputHelper output)
{
    private const int Ticks = 300;

    private static readonly string[] Points = ["journal.written", "call.sent", "journal.done"];

    [Fact]
    public async Task Ticks_WhileReplicasAreKilled_HaveOneEffectEach()
    {
        await using var cloudflare = await TestEmulator.StartAsync(new EmulatorOptions { MaxSecrets = 10 * Ticks });
        await using var database = await TestDatabase.CreateAsync();
        Assert.Equal(GatewayOps.Emulator.State.Added.Yes, cloudflare.Account.AddStore(TickJob.Store).Outcome);
        var random = new Random(300);
        var kills = new Dictionary<string, int>();
        ChildService?[] replicas = [null, null];
        try
        {
            for (var round = 0; await EffectsAsync(database) < Ticks; round++)
            {
                Assert.True(round < 120, $"{await EffectsAsync(database)} ticks after {round} rounds");
                for (var i = 0; i < replicas.Length; i++)
                {
                    if (replicas[i] is { HasExited: true } dead)
                    {
                        await dead.DisposeAsync();
                        replicas[i] = null;
                    }

                    // The first life, and every third of the others, ends at a point of the journal, after some ticks.
                    var point = (round, i) == (0, 0) ? Points[0] : random.Next(3) == 0 ? Points[random.Next(Points.Length)] : "";
                    replicas[i] ??= await ChildService.StartAsync(database, cloudflare, point.Length == 0 ? "" : $"{point}:{((round, i) == (0, 0) ? 3 : random.Next(1, 15))}", withTicks: true);
                }

                await Task.Delay(random.Next(4_000, 12_000));
                foreach (var (replica, i) in replicas.Select((replica, i) => (replica!, i)))
                {
                    if (replica.HasExited)
                    {
                        await replica.KilledAsync();
                        Count("at a point");
                    }
                    // Not both: a tick that nobody begins for a minute is left out by the scheduler, and no longer owed.
                    else if (random.Next(3) == 0 && replicas[1 - i] is { HasExited: false })
                    {
                        await replica.KillAsync();
                        Count($"replica {i} at any moment");
                    }
                }
            }
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await (replica?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }

        // What the last kill left open is looked up by whoever comes next.
        await using (var service = await TestService.StartAsync(database, cloudflare))
        {
            await service.EventuallyAsync(async () => (await database.QueryAsync<long>("select count(*) from operations where status = 'pending'"))[0] == 0, "the end of what was begun");
        }

        var noted = (await database.QueryAsync<string>($"select key from inventory where gateway = '{TickJob.Gateway}' and kind = 'secret'")).Select(TimeOf).Order().ToList();
        var made = cloudflare.Account.Store!.Secrets.Select(secret => TimeOf(secret.Name)).Order().ToList();
        var begun = await database.QueryAsync<string>("select key || ' ' || status from operations where op = 'create'");
        var late = await database.QueryAsync<double>("select extract(epoch from created_at)::float8 * 1000 - substring(key from 6)::float8 from operations");
        output.WriteLine($"{noted.Count} ticks, {string.Join(", ", kills.OrderBy(kill => kill.Key).Select(kill => $"{kill.Value} kills of {kill.Key}"))}, "
            + $"{begun.Count - noted.Count} ticks begun twice, at most {late.Max() / 1000:0.0} s late, "
            + $"epochs up to {(await database.QueryAsync<long>("select epoch from gateway_epochs"))[0]}, deadlocks {(await database.QueryAsync<long>("select deadlocks from pg_stat_database where datname = current_database()"))[0]}");
        Assert.True(noted.Count >= Ticks);
        Assert.Equal(noted, made);
        Assert.Equal([.. Enumerable.Range(0, noted.Count).Select(tick => noted[0] + (tick * 1000L))], noted);
        Assert.DoesNotContain(begun, operation => operation.EndsWith("failed", StringComparison.Ordinal)); // a second effect would be refused as a duplicate
        Assert.True(kills.Count >= 2 && kills.ContainsKey("at a point"), "nothing was killed, or nothing at a point of the journal");
        Assert.Equal([0L], await database.QueryAsync<long>("select deadlocks from pg_stat_database where datname = current_database()"));

        void Count(string what) => kills[what] = kills.GetValueOrDefault(what) + 1;
    }

    private static async Task<long> EffectsAsync(TestDatabase database) => (await database.QueryAsync<long>($"select count(*) from inventory where gateway = '{TickJob.Gateway}' and kind = 'secret'"))[0];

    private static long TimeOf(string tick) => long.Parse(tick["tick_".Length..], CultureInfo.InvariantCulture);
}
