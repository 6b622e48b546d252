using System.Diagnostics.Metrics;
using System.Text;
using GatewayOps.ControlPlane.Proxy.GenAi;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Docs;

/// <summary>
/// The tables of metrics.md are made from the instruments of a service and from MetricCatalogue; what stands around them is written by hand. GATEWAYOPS_UPDATE_GOLDEN=1 writes the tables anew.
/// </summary>
public sealed class MetricsGuideTests
{
    private const string Guide = "controlplane/docs/metrics.md";

    [Fact]
    public async Task Tables_AreThoseOfTheCode()
    {
        await using var service = await TestService.StartAsync();
        var own = CatalogueCheck.Instruments(service.Services);
        var genAi = new[] { TelemetryOptions.GenAi141, TelemetryOptions.GenAiLatest }.ToDictionary(version => version, version => GenAi(version));
        Assert.Equal(
            MetricCatalogue.All.Select(row => row.Instrument).Order(StringComparer.Ordinal),
            own.Concat(genAi.Values.SelectMany(made => made)).Select(instrument => instrument.Name).Distinct().Order(StringComparer.Ordinal));
        MadePart.Hold(
            Guide,
            ("metrics", Metrics(own)), ("labels", Labels(own)), ("buckets", Buckets(own)), ("never", Never()),
            ("gen_ai v1.41", GenAiTable(genAi[TelemetryOptions.GenAi141])), ("gen_ai latest", GenAiTable(genAi[TelemetryOptions.GenAiLatest])));
    }

    private static IReadOnlyList<Instrument> GenAi(string version)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ = new GenAiMetrics(services.GetRequiredService<IMeterFactory>(), Options.Create(new TelemetryOptions { GenAiConventions = version }));
        return CatalogueCheck.Instruments(services);
    }

    private static string Metrics(IEnumerable<Instrument> instruments) => Table(
        ["Metric", "Type", "Unit", "Labels", "Series at most", "Meaning"],
        Sorted(instruments).Select(instrument => new[]
        {
            $"`{CatalogueCheck.NameOf(instrument)}`", Type(instrument), Unit(instrument), LabelsOf(instrument), MetricCatalogue.Of(instrument.Name).Series.ToString(), instrument.Description!,
        }));

    private static string GenAiTable(IEnumerable<Instrument> instruments) => Table(
        ["Instrument", "Metric", "Type", "Unit", "Labels", "Meaning"],
        Sorted(instruments).Select(instrument => new[]
        {
            $"`{instrument.Name}`", $"`{CatalogueCheck.NameOf(instrument)}`", Type(instrument), instrument.Unit!, LabelsOf(instrument), instrument.Description!,
        }));

    private static string Labels(IEnumerable<Instrument> instruments)
    {
        var names = instruments.Select(instrument => instrument.Name).ToHashSet();
        return Table(
            ["Label", "Values at most", "Beyond", "Values", "Of"],
            MetricCatalogue.All.Where(row => names.Contains(row.Instrument)).SelectMany(row => row.Labels.Select(label => (label, row.Instrument)))
                .GroupBy(pair => (pair.label.Name, pair.label.Kept, pair.label.IsOpen, Values: pair.label.Values.Count > 0 ? string.Join(", ", pair.label.Values) : pair.label.Meaning))
                .OrderBy(group => group.Key.Name, StringComparer.Ordinal).ThenBy(group => group.Min(pair => pair.Instrument), StringComparer.Ordinal)
                .Select(group => new[]
                {
                    $"`{group.Key.Name}`", group.Key.Kept.ToString(), group.Key.IsOpen ? "`_other`" : "none: a closed set", group.Key.Values,
                    string.Join(", ", group.Select(pair => $"`{pair.Instrument}`").Order(StringComparer.Ordinal)),
                }));
    }

    private static string Buckets(IEnumerable<Instrument> instruments) => Table(
        ["Upper bounds", "Unit", "Of"],
        instruments.Concat(GenAi(TelemetryOptions.GenAiLatest)).Concat(GenAi(TelemetryOptions.GenAi141)).Where(instrument => CatalogueCheck.KindOf(instrument) == FamilyKind.Histogram).DistinctBy(instrument => instrument.Name)
            .GroupBy(instrument => (Bounds: string.Join(", ", Bounds(instrument)), Unit: instrument.Unit ?? ""))
            .OrderBy(group => group.Min(instrument => instrument.Name), StringComparer.Ordinal)
            .Select(group => new[] { group.Key.Bounds, group.Key.Unit, string.Join(", ", group.Select(instrument => $"`{instrument.Name}`").Order(StringComparer.Ordinal)) }));

    private static string Never() => string.Join(", ", MetricCatalogue.NeverALabel.Select(name => $"`{name}`")) + "\n";

    private static IEnumerable<string> Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> seconds => seconds.Advice!.HistogramBucketBoundaries!.Select(NumberText.Value),
        Histogram<long> whole => whole.Advice!.HistogramBucketBoundaries!.Select(bound => NumberText.Value(bound)),
        _ => throw new InvalidOperationException($"{instrument.Name} has no buckets of its own"),
    };

    // Two meters may publish one name: it is one row.
    private static IEnumerable<Instrument> Sorted(IEnumerable<Instrument> instruments) =>
        instruments.DistinctBy(instrument => instrument.Name).OrderBy(CatalogueCheck.NameOf, StringComparer.Ordinal);

    private static string Type(Instrument instrument) => CatalogueCheck.KindOf(instrument).ToString().ToLowerInvariant();

    private static string Unit(Instrument instrument) => MetricNames.Of(instrument.Name, instrument.Unit, CatalogueCheck.KindOf(instrument)).Unit is { Length: > 0 } unit ? unit : "none";

    private static string LabelsOf(Instrument instrument) =>
        MetricCatalogue.Of(instrument.Name).Labels is { Count: > 0 } labels ? string.Join(", ", labels.Select(label => MetricNames.Label(label.Name)).Order(StringComparer.Ordinal)) : "none";

    private static string Table(string[] heading, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder().Append("| ").AppendJoin(" | ", heading).Append(" |\n").Insert(0, "").Append('|').Append(string.Concat(heading.Select(_ => "---|"))).Append('\n');
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        return text.ToString();
    }
}
