using System.Diagnostics;
using System.Net.Http.Headers;
using GatewayOps.Long.Tests.Proxy;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Telemetry;

namespace GatewayOps.Long.Tests.Telemetry;

/// <summary>A hundred thousand different models, sessions, paths, gateways, providers and user agents, thrown at the proxy over real sockets.</summary>
public sealed class HostileNamesTests(ITestOutputHelper output)
{
    [Fact]
    public async Task HundredThousandNames_StayWithinTheDeclaredBounds_InBoundedMemory()
    {
        const int all = 100_000, first = 20_000;
        await using var stage = await LoadStage.StartAsync();
        // Only to know which instruments a service has.
        await using var twin = await TestService.StartAsync();
        var instruments = CatalogueCheck.Instruments(twin.Services);
        using var caller = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = stage.Service.Operator.BaseAddress };
        caller.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestService.ProxyToken);

        var clock = Stopwatch.StartNew();
        await HostileNames.ThrowAsync(caller, 0, first, atOnce: 32, stage.Account);
        var (early, earlyLines, earlyOverflow) = await LookAsync();
        await HostileNames.ThrowAsync(caller, first, all - first, atOnce: 32, stage.Account);
        var (late, lateLines, lateOverflow) = await LookAsync();

        output.WriteLine($"{all} names in {clock.Elapsed.TotalSeconds:0} s; lines {earlyLines} -> {lateLines}; overflow {earlyOverflow} -> {lateOverflow}; resident {early / 1e6:0} -> {late / 1e6:0} MB");
        Assert.True(lateLines <= earlyLines * 1.02, "series grow with the names");
        Assert.True(lateOverflow > earlyOverflow + ((all - first) / 4.0), "the overflow counter does not say how much was left out");
        Assert.True(late <= early + 100e6, "memory grows with the names");

        async Task<(long Resident, int Lines, double Overflow)> LookAsync()
        {
            var text = await stage.Service.Operator.GetStringAsync("/metrics");
            var families = PrometheusText.Parse(text, openMetrics: false);
            var series = CatalogueCheck.Holds(instruments, families);
            Assert.DoesNotContain(HostileNames.Never, text, StringComparison.Ordinal);
            output.WriteLine($"{series} series of ours");
            return (stage.Resident, families.Values.Sum(family => family.Samples.Count), families["gatewayops_metric_overflow_total"].Samples.Single(sample => sample.Labels["metric"] == "gatewayops_proxy_requests").Value);
        }
    }
}
