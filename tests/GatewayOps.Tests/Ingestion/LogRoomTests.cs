using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Ingestion;

/// <summary>A log that is full and takes no more shows nothing of it by itself.</summary>
public sealed class LogRoomTests
{
    // The least that a gateway may be told to keep.
    private const int Least = 10_000;

    [Fact]
    public async Task FullLogThatTakesNoMore_IsAGapThatLasts_AndIsSaidOnce()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var gateway = await PolledGateway.StartAsync(time: clock);
        var full = new Dictionary<string, int>();
        using var listener = Listen(gateway, full);
        foreach (var (id, strategy, rows) in new[] { ("full", "STOP_INSERTING", Least), ("roomy", "STOP_INSERTING", Least - 1), ("rolling", "DELETE_OLDEST", Least), ("unread", "STOP_INSERTING", Least) })
        {
            await gateway.Emulator.CreateGatewayAsync(id, new Dictionary<string, object?> { ["log_management"] = Least, ["log_management_strategy"] = strategy });
            using var filled = await gateway.Emulator.Admin.PostAsJsonAsync($"gateways/{id}/logs", new { count = rows, seed = 7, from = gateway.Start, to = gateway.Start.AddMinutes(20) });
            Assert.True(filled.IsSuccessStatusCode, await filled.Content.ReadAsStringAsync());
        }

        await gateway.Database.ExecuteAsync(
            "insert into log_feeds (gateway, source, through, anchored, backlog) select g, 'logs', timestamptz '2026-11-21 12:00Z', true, case g when 'unread' then 9000 else 0 end from unnest(array['full', 'roomy', 'rolling', 'unread']) g");
        string[] all = ["full", "roomy", "rolling", "unread"];

        await gateway.Room.LookAsync(all, CancellationToken.None);
        await gateway.Room.LookAsync(all, CancellationToken.None); // too soon to ask again
        var first = Assert.Single(await gateway.Feeds.GapsAsync(null, CancellationToken.None));
        clock.Advance(LogRoom.Interval);
        await gateway.Room.LookAsync(all, CancellationToken.None);
        var later = Assert.Single(await gateway.Feeds.GapsAsync(null, CancellationToken.None));

        Assert.Equal(("full", "logs", new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)), (first.Gateway, first.Source, first.FromAt));
        Assert.Equal(LogRoom.Interval, later.ToAt - first.ToAt);
        Assert.Equal(new Dictionary<string, int> { ["full"] = 1, ["rolling"] = 0, ["roomy"] = 0 }, full);
        Assert.Single(gateway.Told.Lines, line => line.Contains("The log of gateway full is full", StringComparison.Ordinal));
        // Each time one for each that may be full and was read.
        Assert.Equal(2 * 2, (await gateway.Emulator.ManagementRequestsAsync()).Count(request => request.GetProperty("path").GetString()!.EndsWith("/logs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task LogThatHasRoomAgain_IsToldSo()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var gateway = await PolledGateway.StartAsync(time: clock);
        var full = new Dictionary<string, int>();
        using var listener = Listen(gateway, full);
        await gateway.Emulator.CreateGatewayAsync("full", new Dictionary<string, object?> { ["log_management"] = Least, ["log_management_strategy"] = "STOP_INSERTING" });
        using var filled = await gateway.Emulator.Admin.PostAsJsonAsync("gateways/full/logs", new { count = Least, seed = 7, from = gateway.Start, to = gateway.Start.AddMinutes(20) });
        await gateway.Database.ExecuteAsync("insert into log_feeds (gateway, source, through, anchored, backlog) values ('full', 'logs', now(), true, 0)");
        await gateway.Room.LookAsync(["full"], CancellationToken.None);
        Assert.Equal(1, full["full"]);

        var logs = gateway.Emulator.Account.FindGateway("full")!.Logs;
        logs.Remove([.. logs.Visible().Take(1)]);
        clock.Advance(LogRoom.Interval);
        await gateway.Room.LookAsync(["full"], CancellationToken.None);

        Assert.Equal(0, full["full"]);
    }

    private static MeterListener Listen(PolledGateway gateway, Dictionary<string, int> full)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == gateway.Meters && instrument.Name == "gatewayops_log_full")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => full[(string)tags[0].Value!] = value);
        listener.Start();
        return listener;
    }
}
