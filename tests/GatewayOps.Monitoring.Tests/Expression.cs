using System.Text.RegularExpressions;
using GatewayOps.Tests.Monitoring;
using GatewayOps.Tests.Monitoring.Dashboards;
using GatewayOps.Tests.Support;

namespace GatewayOps.Monitoring.Tests;

/// <summary>One expression of ours. `Name` is what reviewed.yml calls it.</summary>
internal sealed partial record Expression(string Name, string PromQl)
{
    /// <summary>All of dashboards (every replica and gateway chosen), alerts (what they compare, whatever the outcome), rules and runbooks.</summary>
    public static IReadOnlyList<Expression> All { get; } =
    [
        .. from dashboard in Dashboard.All
           from panel in dashboard.Panels
           from query in panel.Queries
           select Of(dashboard, panel, query),
        .. MonitoringFiles.Alerts.Select(alert => new Expression(alert.Alert + (alert.Labels.TryGetValue("long", out var window) ? $" ({window})" : ""), Measure(alert.Expr))),
        .. MonitoringFiles.Rules.Where(rule => rule.Record is not null).Select(rule => new Expression(rule.Record!, rule.Record!)),
        .. from alert in MonitoringFiles.Alerts.Select(rule => rule.Alert!).Distinct()
           from query in RunbookTests.Block(alert, "promql")
           select new Expression($"{alert}.md: {query}", query),
    ];

    public static Expression Of(Dashboard dashboard, Panel panel, Query query) =>
        new($"{dashboard.Uid} / {panel.Title}{(panel.Queries.Length > 1 ? $" / {query.Legend}" : "")}", Chosen().Replace(query.Expr, ".*"));

    /// <summary>A comparison lets through what is wrong; with `bool` it says of each series whether it is.</summary>
    internal static string Measure(string expr) => Comparison().Replace(expr, " ${operator} bool ");

    [GeneratedRegex(@"\$(job|instance|gateway)\b")]
    private static partial Regex Chosen();

    // Outside of braces, where = has no blanks around it.
    [GeneratedRegex(@"\s(?<operator>>|<|>=|<=|==|!=)\s")]
    private static partial Regex Comparison();
}
