using System.Globalization;
using System.Text.RegularExpressions;
using GatewayOps.Tests.Monitoring;
using GatewayOps.Tests.Support;
using Xunit.Abstractions;

namespace GatewayOps.Monitoring.Tests;

/// <summary>The demo of docker-compose.yml as processes, and what a real Prometheus makes of it.</summary>
public sealed partial class DemoTests(ComposeStage stage, ITestOutputHelper output) : IClassFixture<ComposeStage>
{
    [Fact]
    public async Task HealthChecks_OfTheComposeFile_Pass()
    {
        Assert.Equal(0, await stage.HealthAsync("controlplane-demo"));
        Assert.Equal(0, await stage.HealthAsync("emulator"));
    }

    [Fact]
    public async Task Prometheus_ScrapesTheService_AndRulesAreHealthy()
    {
        await stage.EventuallyAsync(async () => await stage.Prometheus.QueryAsync("up{job=\"gatewayops\"}") is [{ Value: 1 }], () => "the service is not up in Prometheus");
        await stage.EventuallyAsync(
            async () => (await RulesAsync()) is { Count: var count } rules && count == MonitoringFiles.Rules.Count && rules.TrueForAll(rule => rule.Health == "ok"),
            () => $"the {MonitoringFiles.Rules.Count} rules are not all evaluated without a fault");
    }

    [Fact]
    public async Task EveryExpression_GivesData_OrHasAReasonNotTo()
    {
        var reviewed = MonitoringFiles.Reviewed("empty");
        var found = new Dictionary<Expression, IReadOnlyList<Measured>>();
        await stage.EventuallyAsync(
            async () =>
            {
                foreach (var expression in Expression.All)
                {
                    found[expression] = [.. (await stage.Prometheus.QueryAsync(expression.PromQl)).Where(series => !double.IsNaN(series.Value))];
                }

                return found.All(expression => expression.Value.Count > 0 || reviewed.ContainsKey(expression.Key.Name));
            },
            () => $"no data, and no entry in reviewed.yml:\n{string.Join('\n', found.Where(entry => entry.Value.Count == 0 && !reviewed.ContainsKey(entry.Key.Name)).Select(entry => $"  {entry.Key.Name}\n    {entry.Key.PromQl}"))}");
        foreach (var (expression, series) in found)
        {
            output.WriteLine($"{expression.Name}: {(series.Count == 0 ? $"none ({reviewed[expression.Name]})" : string.Join(", ", series.Take(4).Select(one => one.Value.ToString("G4", CultureInfo.InvariantCulture))))}{(series.Count > 4 ? $", {series.Count - 4} more" : "")}");
        }

        Assert.All(reviewed.Keys, name => Assert.Contains(name, Expression.All.Select(expression => expression.Name)));
        // An entry that is not needed any more would hide what breaks later.
        Assert.Empty(found.Where(entry => entry.Value.Count > 0 && reviewed.ContainsKey(entry.Key.Name)).Select(entry => entry.Key.Name));
    }

    [Fact]
    public async Task Exposition_UnderTraffic_IsStrictlyWhatBothFormatsAllow()
    {
        var text = PrometheusText.Parse(await stage.MetricsAsync("text/plain"), openMetrics: false);
        var open = PrometheusText.Parse(await stage.MetricsAsync("application/openmetrics-text; version=1.0.0"), openMetrics: true);
        Assert.Contains("gatewayops_proxy_requests_total", text.Keys);
        Assert.Contains("gatewayops_proxy_requests", open.Keys);
    }

    [Fact]
    public async Task Guide_ShowsWhatEachPanelShows()
    {
        var (page, empty) = ("", (IReadOnlyList<string>)[]);
        await stage.EventuallyAsync(
            async () =>
            {
                (page, empty) = await PanelPage.RenderAsync(stage);
                return empty.Count == 0;
            },
            () => $"nothing is shown by {string.Join(", ", empty)}");
        output.WriteLine(page);
        var path = Repository.File("controlplane/docs/dashboards.md");
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(path, page);
        }

        // Which series and values there are is another matter in each run; panels, words and headings are not.
        Assert.Equal(Rows().Replace(page, ""), Rows().Replace(await File.ReadAllTextAsync(path), ""));
    }

    private async Task<List<(string Name, string Health)>> RulesAsync() =>
        [.. (await stage.Prometheus.GetAsync("rules")).GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())
            .Select(rule => (rule.GetProperty("name").GetString()!, rule.GetProperty("health").GetString()!))];

    [GeneratedRegex(@"^\| (?!Series).*\n", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
