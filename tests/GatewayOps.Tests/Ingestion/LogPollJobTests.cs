using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Ingestion;

public sealed class LogPollJobTests
{
    [Fact]
    public async Task Execute_OneGatewayFails_PollsTheOthers()
    {
        await using var gateway = await PolledGateway.StartAsync();
        await gateway.Emulator.CreateGatewayAsync("broken");
        await gateway.Emulator.SetManagementFaultAsync(new { path = "**/broken/logs", status = 500 });
        await ActivateAsync(gateway.Database, "absent", "broken", PolledGateway.Id);
        var id = gateway.Log(1);

        await new LogPollJob(gateway.Store, gateway.Poller, gateway.Room).Execute(null!, CancellationToken.None);

        Assert.Equal([id], await gateway.StoredAsync());
        Assert.Null(await gateway.ThroughAsync(gateway: "broken"));
    }

    /// <summary>What one gateway tells cannot be stored: that is said, its cursor stays and its lag shows, and the others are read to their end.</summary>
    [Fact]
    public async Task Execute_OneGatewaysRowsCannotBeStored_PollsTheOthers()
    {
        await using var gateway = await PolledGateway.StartAsync();
        await gateway.Emulator.CreateGatewayAsync("another");
        await gateway.Database.ExecuteAsync("alter table gateway_logs add constraint impossible check (gateway <> 'another')");
        await ActivateAsync(gateway.Database, "another", PolledGateway.Id);
        gateway.LogOf("another", 1);
        var id = gateway.Log(1);

        await new LogPollJob(gateway.Store, gateway.Poller, gateway.Room).Execute(null!, CancellationToken.None);

        Assert.Equal([id], await gateway.StoredAsync());
        Assert.Null(await gateway.ThroughAsync(gateway: "another"));
        Assert.Single(gateway.Told.Lines, line => line.Contains("gateway another cannot be taken", StringComparison.Ordinal));
        Assert.Equal(["another", PolledGateway.Id], Lagging(gateway).Order());
        await gateway.Database.ExecuteAsync("alter table gateway_logs drop constraint impossible");
        Assert.Equal(1, await gateway.PollAsync("another"));
    }

    // The gateways of gatewayops_poll_lag.
    private static List<string> Lagging(PolledGateway gateway)
    {
        var gateways = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == gateway.Meters && instrument.Name == "gatewayops_poll_lag") self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => gateways.Add((string)tags[0].Value!));
        listener.Start();
        listener.RecordObservableInstruments();
        return gateways;
    }

    [Fact]
    public async Task Gateways_AreThoseThatWeKnowOf()
    {
        await using var gateway = await PolledGateway.StartAsync();
        Assert.Empty(await gateway.Store.GatewaysAsync(CancellationToken.None));

        await ActivateAsync(gateway.Database, "b", "a", "a");
        await gateway.Database.ExecuteAsync("insert into gateway_statuses (gateway, conditions, drift) values ('c', '[]', '[]')");

        Assert.Equal(["a", "b", "c"], await gateway.Store.GatewaysAsync(CancellationToken.None));
    }

    private static async Task ActivateAsync(TestDatabase database, params string[] gateways)
    {
        foreach (var gateway in gateways)
        {
            await database.ExecuteAsync("insert into activations (gateway, rule_set, revision, kind, activated_at, activated_by) values ($1, 'r', 1, 'execute', now(), 'test')", gateway);
        }
    }
}
