using System.Text.RegularExpressions;
using GatewayOps.Tests.Docs;
using GatewayOps.Tests.Monitoring.Dashboards;

namespace GatewayOps.Tests.Monitoring;

/// <summary>The rules of infra/monitoring/prometheus, as far as their text goes. That they parse and do what they say is promtool's to show: GatewayOps.Monitoring.Tests.</summary>
public sealed partial class RuleTests
{
    [Fact]
    public void Recordings_AreNamedLevelMetricOperation() => Assert.All(MonitoringFiles.Rules.Where(rule => rule.Record is not null), rule => Assert.Matches("^[a-z_]+:[a-z_]+:[a-z0-9_]+$", rule.Record));

    [Fact]
    public void Expressions_ReadWhatThereIs()
    {
        var awaited = MonitoringFiles.Reviewed("awaited");
        Assert.All(MonitoringFiles.Rules, rule => Assert.All(PromQl.Metrics(rule.Expr), metric => Assert.True(PromQl.IsKnown(metric) || awaited.ContainsKey(metric), $"{rule.Alert ?? rule.Record} reads {metric}, which there is not")));
    }

    [Theory]
    [InlineData("sum by (gateway) (rate(a_total{x=\"b_total\"}[5m])) / on (gateway) group_left (y) c", "a_total c")]
    [InlineData("histogram_quantile(0.5, sum by (le) (rate(gatewayops_proxy_overhead_seconds_bucket[5m]))) > 1.5e3", "gatewayops_proxy_overhead_seconds")]
    [InlineData("time() - x:y:z offset 5m > bool 0 or vector(1)", "x:y:z")]
    public void Metrics_OfAnExpression(string expr, string metrics) => Assert.Equal(metrics, string.Join(' ', PromQl.Metrics(expr)));

    [Fact]
    public void Alerts_SayWhatHowMuchAndWhereToGoOn() => Assert.All(MonitoringFiles.Alerts, rule =>
    {
        Assert.StartsWith("GatewayOps", rule.Alert, StringComparison.Ordinal);
        Assert.NotNull(rule.For);
        Assert.Contains(rule.Labels["severity"], new[] { "critical", "warning" });
        Assert.Equal(["dashboard", "description", "runbook_url", "summary"], rule.Annotations.Keys.Order(StringComparer.Ordinal));
        Assert.Matches(@"\{\{ \$value.*\}\}", rule.Annotations["description"]);
        Assert.Equal($$$"""{{ $externalLabels.runbooks }}/{{{rule.Alert}}}.md""", rule.Annotations["runbook_url"]);
        Assert.Contains(rule.Annotations["dashboard"], Dashboard.All.Select(dashboard => $$$"""{{ $externalLabels.grafana }}/d/{{{dashboard.Uid}}}"""));
    });

    // 0: any at all. 1: a replica is up. 2: a circuit is open. The others are how many times faster than allowed a budget is used.
    [Fact]
    public void Figures_StandWithTheObjectives_NotInTheAlerts() => Assert.All(MonitoringFiles.Alerts, rule => Assert.All(
        Figure().Matches(Ranges().Replace(rule.Expr, "")).Select(figure => figure.Value), figure => Assert.Contains(figure, new[] { "0", "1", "2", "3", "6", "14.4" })));

    [Fact]
    public void Objectives_ThatAlertsCompareWith_AreWatchedThemselves()
    {
        var watched = PromQl.Metrics(MonitoringFiles.Alerts.Single(rule => rule.Alert == "GatewayOpsMetricMissing").Expr).ToHashSet();
        var compared = MonitoringFiles.Alerts.SelectMany(rule => PromQl.Metrics(rule.Expr)).Where(metric => metric.EndsWith(":limit", StringComparison.Ordinal) || metric.EndsWith(":target", StringComparison.Ordinal)).Distinct().ToList();
        Assert.NotEmpty(compared);
        Assert.All(compared, metric => Assert.Contains(metric, watched));
        Assert.All(MonitoringFiles.Rules.Where(rule => rule.File == "objectives.yml"), rule => Assert.Contains(rule.Record!, compared));
    }

    [Fact]
    public void EveryAlert_HasAUnitTestInWhichItFires_AndOneInWhichItDoesNot()
    {
        var shown = (from path in Directory.EnumerateFiles(Support.Repository.File($"{MonitoringFiles.Folder}/prometheus/tests"), "*.yml")
                     from test in MonitoringFiles.List(MonitoringFiles.Parse(File.ReadAllText(path)), "tests")
                     from alert in MonitoringFiles.List(test, "alert_rule_test")
                     select (Name: MonitoringFiles.Text(alert["alertname"]), Fires: MonitoringFiles.List(alert, "exp_alerts").Any())).ToHashSet();
        Assert.Equal(
            MonitoringFiles.Alerts.Select(rule => rule.Alert!).Distinct().SelectMany(name => new[] { (name, false), (name, true) }).Order(),
            shown.Order());
    }

    [Fact]
    public void Guide_ListsTheAlerts() => GuideTable.Holds("monitoring.md", "Alert", MonitoringFiles.Alerts.Select(rule => new[]
    {
        $"[{rule.Alert}](../../infra/monitoring/runbooks/{rule.Alert}.md){(rule.Labels.TryGetValue("long", out var window) ? $" ({window})" : "")}",
        rule.Labels["severity"],
        rule.For!,
        Label().Replace(rule.Annotations["summary"], match => $"<{match.Groups["name"].Value}>"),
    }));

    [GeneratedRegex(@"(?<![\w:.])\d+(\.\d+)?(?![\w:])")]
    private static partial Regex Figure();

    [GeneratedRegex(@"\[[^\]]*\]|""[^""]*""")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\{\{ \$labels\.(?<name>\w+) \}\}")]
    private static partial Regex Label();
}
