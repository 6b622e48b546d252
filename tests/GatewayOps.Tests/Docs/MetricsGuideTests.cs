using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Docs;

/// <summary>metrics.md names every metric of ours, as a service shows it that has a gateway with a rule set and has seen one streamed request.</summary>
public sealed class MetricsGuideTests
{
    [Fact]
    public async Task Metrics_AreThoseOfAScrape()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { SeedGateway = true });
        await using var service = await TestService.StartAsync(emulator: emulator, settings: new Dictionary<string, string>
        {
            ["GatewayOps:Reconciliation:Enabled"] = "true",
            ["GatewayOps:Ingestion:Enabled"] = "true",
            ["GatewayOps:Ingestion:Interval"] = "00:00:01",
            ["GatewayOps:Events:Webhooks:0:Name"] = "ops",
            ["GatewayOps:Events:Webhooks:0:Url"] = "https://localhost:9",
            ["GatewayOps:Events:Webhooks:0:Secret"] = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        });
        var instruments = Instruments(service);
        using var document = JsonContent.Create(new { name = "rules", settings = new { cache_ttl = 300 } });
        (await service.Operator.PostAsync(new Uri("/api/v1/content", UriKind.Relative), document)).EnsureSuccessStatusCode();
        using var nothing = JsonContent.Create(new { });
        (await service.Operator.PostAsync(new Uri("/api/v1/content/rules/execute", UriKind.Relative), nothing)).EnsureSuccessStatusCode();
        using var chat = JsonContent.Create(new { model = "gpt-4o-mini", stream = true, messages = new[] { new { role = "user", content = "Hello" } } });
        using var answer = await service.Caller.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), chat);

        List<PrometheusFamily> families = [];
        await service.EventuallyAsync(
            async () =>
            {
                var text = await service.Anonymous.GetStringAsync(new Uri("/metrics", UriKind.Relative));
                families = [.. PrometheusText.Parse(text, openMetrics: false).Values.Where(family => family.Name.StartsWith("gatewayops_", StringComparison.Ordinal))];
                return instruments.All(name => families.Exists(family => family.Name.StartsWith(name, StringComparison.Ordinal)));
            },
            $"a scrape with all of {string.Join(", ", instruments)}");

        GuideTable.Holds("metrics.md", "Metric", families.OrderBy(family => family.Name, StringComparer.Ordinal).Select(family => new[] { $"`{family.Name}`", family.Type, Labels(family), family.Help! }));
    }

    private static string Labels(PrometheusFamily family) =>
        family.Samples.SelectMany(sample => sample.Labels.Keys).Where(label => label != "le").Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } labels ? string.Join(", ", labels) : "none";

    // Also those that have no series yet: the guide must not depend on what the test happens to cause.
    private static List<string> Instruments(TestService service)
    {
        var names = new List<string>();
        using var listener = new MeterListener();
        var factory = service.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == factory && instrument.Name.StartsWith("gatewayops_", StringComparison.Ordinal))
            {
                names.Add(instrument.Name);
            }
        };
        listener.Start();
        return names;
    }
}
