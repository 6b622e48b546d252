using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GatewayOps.Tests.Monitoring;
using GatewayOps.Tests.Monitoring.Dashboards;

namespace GatewayOps.Monitoring.Tests;

/// <summary>controlplane/docs/dashboards.md: what each panel would show, as a small table, from one run of the demo.</summary>
internal static partial class PanelPage
{
    private const int MostRows = 8;

    /// <summary>The page, and the titles of panels that should show something and do not, yet.</summary>
    public static async Task<(string Page, IReadOnlyList<string> Empty)> RenderAsync(ComposeStage stage)
    {
        var empty = new List<string>();
        var text = new StringBuilder("""
            # Dashboards

            What each panel of the four dashboards shows, as a table of the last value of each series, in a run of the [demo](monitoring.md#see-it) that is less than a minute old: one replica, an emulated
            account, a few requests per second. Made by `GATEWAYOPS_UPDATE_GOLDEN=1 dotnet test tests/GatewayOps.Monitoring.Tests --filter Guide_`; the test holds all but the values.

            """);
        foreach (var dashboard in Dashboard.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {dashboard.Title}\n\n{dashboard.Answers}\n");
            foreach (var panel in dashboard.Panels)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n### {panel.Title}\n\n{panel.About}{string.Concat(panel.Alerts.Select(alert => $" [{alert}](../../infra/monitoring/runbooks/{alert}.md)"))}\n");
                if (!await AppendAsync(text, stage, dashboard, panel))
                {
                    empty.Add(panel.Title);
                }
            }
        }

        return (text.ToString(), empty);
    }

    private static async Task<bool> AppendAsync(StringBuilder text, ComposeStage stage, Dashboard dashboard, Panel panel)
    {
        var rows = new List<string>();
        foreach (var query in panel.Queries)
        {
            var expression = Expression.Of(dashboard, panel, query);
            var series = (await stage.Prometheus.QueryAsync(expression.PromQl)).Where(one => !double.IsNaN(one.Value)).Select(one => (Name: Name(panel, query, one, stage), Value: Value(one.Value, panel))).ToList();
            rows.AddRange(series.OrderBy(one => one.Name, StringComparer.Ordinal).Take(MostRows).Select(one => $"| {one.Name} | {one.Value} |"));
            if (series.Count > MostRows)
            {
                rows.Add($"| {series.Count - MostRows} more | |");
            }

            if (MonitoringFiles.Reviewed("empty").TryGetValue(expression.Name, out var reason))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{(panel.Queries.Length > 1 ? $"{query.Legend}: n" : "N")}othing in this run. {reason}\n");
            }
        }

        if (panel.Queries.All(query => MonitoringFiles.Reviewed("empty").ContainsKey(Expression.Of(dashboard, panel, query).Name)))
        {
            return true;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n| Series | Value |\n|---|---|\n{string.Join('\n', rows)}\n");
        return rows.Count > 0;
    }

    private static string Name(Panel panel, Query query, Measured series, ComposeStage stage) =>
        (query.Legend.Length == 0 ? panel.Title : Hole().Replace(query.Legend, label => series.Labels.GetValueOrDefault(label.Groups["name"].Value, ""))).Replace(stage.Target, "controlplane:8787").Trim();

    private static string Value(double value, Panel panel) => string.Create(CultureInfo.InvariantCulture, $"{panel.Unit switch
    {
        "percentunit" => $"{Round(value * 100)} %",
        "s" => $"{Round(value)} s",
        "reqps" or "ops" => $"{Round(value)} /s",
        "currencyUSD" => $"${Round(value)}",
        "bytes" => $"{Round(value / (1 << 20))} MiB",
        _ => Round(value),
    }}");

    // Three digits that count.
    private static string Round(double value) => value is 0 || Math.Abs(value) >= 1000
        ? value.ToString("0", CultureInfo.InvariantCulture)
        : Math.Round(value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 10)).ToString("0.##########", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}")]
    private static partial Regex Hole();
}
