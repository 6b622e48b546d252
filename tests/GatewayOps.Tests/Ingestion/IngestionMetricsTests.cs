using System.Diagnostics.Metrics;

namespace GatewayOps.Tests.Ingestion;

public sealed class IngestionMetricsTests
{
    [Fact]
    public async Task Poll_CountsNewAndRepeatedEntriesAndShowsTheLag()
    {
        await using var gateway = await PolledGateway.StartAsync();
        var counted = new Dictionary<string, long>();
        var lags = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == gateway.Meters && instrument.Name.StartsWith("gatewayops_poll", StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted[Label(tags, "result")] = counted.GetValueOrDefault(Label(tags, "result")) + value);
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => lags[Label(tags, "gateway")] = value);
        listener.Start();
        gateway.Log(1);
        gateway.Log(2);

        await gateway.PollAsync();
        await gateway.PollAsync();
        listener.RecordObservableInstruments();

        Assert.Equal(2, counted["added"]);
        Assert.Equal(2, counted["repeated"]);
        Assert.InRange(lags[PolledGateway.Id], 0, 600);
    }

    private static string Label(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return (string)tag.Value!;
            }
        }
        return "";
    }
}
