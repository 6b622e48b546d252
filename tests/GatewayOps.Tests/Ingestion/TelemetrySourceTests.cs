using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Tests.Cloudflare;

namespace GatewayOps.Tests.Ingestion;

/// <summary>What callers put into their requests stands in the telemetry's events: none of it keeps a page from being read.</summary>
public sealed class TelemetrySourceTests
{
    [Theory]
    [InlineData("""{"model":"m\ud83d","provider":"openai"}""", "m\uFFFD openai")]
    [InlineData("""{"model":"\ud83d\ude00","provider":null}""", "\U0001F600 ")]
    public async Task Read_EventOfAnyCaller_IsARow(string source, string expected)
    {
        await using var stub = await StubCloudflare.StartAsync(
            Answer.Ok($$$"""{"events":{"count":1,"events":[{"$metadata":{"id":"a"},"dataset":"ai-gateway","source":{{{source}}},"timestamp":1767225600000}]}}"""));

        var page = await new TelemetrySource(stub.Client(), stub.Clock).ReadAsync(new LogRange("gw", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(1)), CancellationToken.None);

        var row = Assert.Single(page.Rows);
        Assert.Equal(expected, $"{row.Model} {row.Provider}");
    }
}
