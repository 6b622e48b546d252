using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Telemetry;

/// <summary>Holds what a service publishes and what a scrape shows against <see cref="MetricCatalogue"/>.</summary>
internal static class CatalogueCheck
{
    /// <summary>The instruments of ours that a service has made.</summary>
    public static IReadOnlyList<Instrument> Instruments(IServiceProvider services)
    {
        var all = new List<Instrument>();
        using var listener = new MeterListener();
        var factory = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == factory && instrument.Meter.Name.StartsWith("GatewayOps.", StringComparison.Ordinal))
            {
                all.Add(instrument);
            }
        };
        listener.Start();
        return all;
    }

    public static FamilyKind KindOf(Instrument instrument) => instrument.GetType().Name switch
    {
        var name when name.Contains("UpDown", StringComparison.Ordinal) || name.Contains("Gauge", StringComparison.Ordinal) => FamilyKind.Gauge,
        var name when name.StartsWith("Histogram", StringComparison.Ordinal) => FamilyKind.Histogram,
        _ => FamilyKind.Counter,
    };

    /// <summary>As text 0.0.4 calls the family.</summary>
    public static string NameOf(Instrument instrument)
    {
        var kind = KindOf(instrument);
        var (name, _) = MetricNames.Of(instrument.Name, instrument.Unit, kind);
        return kind == FamilyKind.Counter ? $"{name}_total" : name;
    }

    /// <summary>Families of ours have the labels of their row and no other, values within their bounds, and no more series than declared. Gives the number of series of ours, buckets apart.</summary>
    public static int Holds(IEnumerable<Instrument> instruments, IReadOnlyDictionary<string, PrometheusFamily> families)
    {
        var series = 0;
        foreach (var instrument in instruments.DistinctBy(instrument => instrument.Name).Where(instrument => families.ContainsKey(NameOf(instrument))))
        {
            series += Holds(MetricCatalogue.Of(instrument.Name), families[NameOf(instrument)]);
        }

        Assert.True(series > 0);
        return series;
    }

    private static int Holds(MetricBounds row, PrometheusFamily family)
    {
        var samples = family.Type == "histogram" ? family.Samples.Where(sample => sample.Name == $"{family.Name}_count").ToList() : [.. family.Samples];
        var overflow = samples.Where(sample => sample.Labels.ContainsKey("otel_metric_overflow")).ToList();
        var kept = samples.Except(overflow).ToList();
        Assert.True(kept.Count <= row.Series, $"{row.Instrument} has {kept.Count} series, its row allows {row.Series}");
        Assert.True(overflow.Count <= 1);
        foreach (var sample in kept)
        {
            Assert.All(sample.Labels.Keys, name => Assert.True(row.Labels.Any(label => MetricNames.Label(label.Name) == name), $"{row.Instrument} has the label {name}, its row has not"));
        }

        foreach (var label in row.Labels)
        {
            var values = kept.Select(sample => sample.Labels.GetValueOrDefault(MetricNames.Label(label.Name))).OfType<string>().Where(value => value.Length > 0).Distinct().ToList();
            Assert.True(values.Count <= label.Bound, $"{row.Instrument} has {values.Count} values of {label.Name}, declared are {label.Bound}");
            Assert.True(label.Values.Count == 0 || values.All(label.Values.Contains), $"{row.Instrument}: {label.Name} is declared as {string.Join(", ", label.Values)} and has {string.Join(", ", values)}");
        }

        return kept.Count;
    }
}
