using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Ingestion;

namespace GatewayOps.Tests.Ingestion;

public sealed class LogPollerTests
{
    [Fact]
    public async Task Poll_SameEntriesAgain_InsertsEachOnce()
    {
        await using var gateway = await PolledGateway.StartAsync();
        var ids = Enumerable.Range(0, 120).Select(i => gateway.Log(i)).ToList(); // three pages

        Assert.Equal(120, await gateway.PollAsync());
        Assert.Equal(0, await gateway.PollAsync());

        Assert.Equal(ids, await gateway.StoredAsync());
    }

    [Fact]
    public async Task Poll_LateEntryWithinTheOverlap_IsInserted()
    {
        await using var gateway = await PolledGateway.StartAsync(new() { Overlap = TimeSpan.FromSeconds(60) });
        var first = gateway.Log(100);
        await gateway.PollAsync();

        var late = gateway.Log(45);
        var next = gateway.Log(200);

        Assert.Equal(2, await gateway.PollAsync());
        Assert.Equal([late, first, next], await gateway.StoredAsync());
    }

    [Fact]
    public async Task Poll_LateEntryBeforeTheOverlap_IsNotAskedForAgain()
    {
        await using var gateway = await PolledGateway.StartAsync(new() { Overlap = TimeSpan.FromSeconds(10) });
        var first = gateway.Log(100);
        await gateway.PollAsync();
        gateway.Log(45);

        Assert.Equal(0, await gateway.PollAsync());
        Assert.Equal([first], await gateway.StoredAsync());
    }

    [Fact]
    public async Task Poll_EntriesInAnyOrder_InsertsEachOnce()
    {
        await using var gateway = await PolledGateway.StartAsync();
        var random = new Random(7);
        var ids = new HashSet<string>();
        for (var round = 0; round < 5; round++)
        {
            // Out of order, some with the same time.
            for (var i = 0; i < 20; i++)
            {
                ids.Add(gateway.Log(random.Next(0, 200)));
            }
            Assert.Equal(20, await gateway.PollAsync());
        }

        var stored = await gateway.StoredAsync();
        Assert.Equal(100, stored.Count);
        Assert.Equal(ids, stored.ToHashSet());
    }

    [Fact]
    public async Task Poll_FourReplicasAtOnce_InsertEachOnce()
    {
        await using var gateway = await PolledGateway.StartAsync();
        for (var i = 0; i < 120; i++)
        {
            gateway.Log(i);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => gateway.PollAsync()));

        Assert.Equal(120, gateway.Added);
        Assert.Equal(120, (await gateway.StoredAsync()).Distinct().Count());
    }

    [Fact]
    public async Task Poll_CloudflareFails_KeepsTheCursorAndGoesOnLater()
    {
        await using var gateway = await PolledGateway.StartAsync();
        gateway.Log(1);
        await gateway.PollAsync();
        var before = await gateway.ThroughAsync();
        gateway.Log(2);
        await gateway.Emulator.SetManagementFaultAsync(new { path = "**/logs", status = 500, times = 1 });

        Assert.Equal(0, await gateway.PollAsync());
        Assert.Contains(nameof(CloudflareException), Assert.Single(gateway.Told.Lines), StringComparison.Ordinal);
        Assert.Equal(before, await gateway.ThroughAsync());

        Assert.Equal(1, await gateway.PollAsync());
    }

    [Fact]
    public async Task Poll_EntryOfADayWithoutPartition_GetsOne()
    {
        await using var gateway = await PolledGateway.StartAsync(new() { Lookback = TimeSpan.FromDays(20) });
        gateway.Log(-TimeSpan.FromDays(10).TotalSeconds);

        Assert.Equal(1, await gateway.PollAsync());

        Assert.Equal([0L], await gateway.Database.QueryAsync<long>("select count(*) from gateway_logs_default"));
    }

    [Theory]
    [InlineData("""{"request_id":"req-1","revision":"a@1"}""", "req-1")]
    [InlineData("""{"request_id":7}""", "7")]
    [InlineData("""{"request_id":"a\u0000b"}""", "a\uFFFDb")]
    [InlineData("""{"other":"x"}""", null)]
    [InlineData("not JSON", null)]
    [InlineData(null, null)]
    public async Task Poll_Metadata_GivesOurRequestId(string? metadata, string? requestId)
    {
        await using var gateway = await PolledGateway.StartAsync();
        gateway.Log(1, metadata, model: "name with a \0");

        await gateway.PollAsync();

        var row = Assert.Single(await gateway.Store.ListAsync(new LogFilter { Gateway = PolledGateway.Id }, null, 10, CancellationToken.None));
        Assert.Equal(requestId, row.RequestId);
        Assert.Equal("name with a \uFFFD", row.Model);
        Assert.Equal((3, 5, 0.25m, 12.0, 200), (row.TokensIn, row.TokensOut, row.CostUsd, row.DurationMs, row.StatusCode));
    }

    [Fact]
    public async Task Poll_UnknownGateway_IsNothingToTell()
    {
        await using var gateway = await PolledGateway.StartAsync();

        Assert.Equal(0, await gateway.PollAsync("nobody"));

        Assert.Empty(gateway.Told.Lines);
        Assert.Contains(await gateway.Emulator.ManagementRequestsAsync(), request => request.GetProperty("path").GetString()!.Contains("/nobody/", StringComparison.Ordinal) && request.GetProperty("status").GetInt32() == 404);
    }
}
