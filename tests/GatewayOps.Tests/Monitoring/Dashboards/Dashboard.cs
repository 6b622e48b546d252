namespace GatewayOps.Tests.Monitoring.Dashboards;

/// <summary>A dashboard as people think of it: what it answers, and its rows. <see cref="DashboardJson"/> makes Grafana's document of it, where the coordinates are.</summary>
internal sealed record Dashboard(string Uid, string Title, string Answers, params Row[] Rows)
{
    /// <summary>Name of the file below infra/monitoring/grafana/dashboards.</summary>
    public string File => $"{Uid}.json";

    public IEnumerable<Panel> Panels => Rows.SelectMany(row => row.Panels);

    /// <summary>In the order of the guide; each links to the others.</summary>
    public static IReadOnlyList<Dashboard> All { get; } = [OverviewDashboard.Made, TrafficDashboard.Made, ReconciliationDashboard.Made, HealthDashboard.Made];
}

/// <summary>Panels side by side under a heading; as many lines as it takes.</summary>
internal sealed record Row(string Title, params Panel[] Panels);

/// <summary>One expression. `Legend` is Grafana's: {{label}}.</summary>
internal sealed record Query(string Expr, string Legend);

/// <summary>How a panel is drawn.</summary>
internal enum Shape
{
    Stat,
    Graph,
    Stacked,
    Table,
}

/// <summary>`Unit` is Grafana's id. `About` says what is seen and, where it matters, what is good.</summary>
internal sealed record Panel(Shape Shape, string Title, string Unit, string About, params Query[] Queries)
{
    /// <summary>Where the colour changes to bad, going up (or down, where lower is worse). Null: there is no bad.</summary>
    public Limits? Limits { get; init; }

    /// <summary>The alerts that watch the same; their pages are linked from the panel.</summary>
    public string[] Alerts { get; init; } = [];

    /// <summary>Digits after the point.</summary>
    public int? Decimals { get; init; }
}

/// <summary>Thresholds of a stat or a graph.</summary>
internal sealed record Limits(double Warn, double Bad)
{
    public bool LowIsBad => Bad < Warn;
}

/// <summary>What the panels' expressions have in common.</summary>
internal static class Selectors
{
    /// <summary>The replicas that were chosen above.</summary>
    public const string Here = """job=~"$job",instance=~"$instance" """;

    /// <summary>And the gateways.</summary>
    public const string Gateway = """job=~"$job",instance=~"$instance",gateway=~"$gateway" """;

    public static Panel Stat(string title, string unit, string about, string expr, Limits? limits = null, string[]? alerts = null, int? decimals = null) =>
        new(Shape.Stat, title, unit, about, new Query(Tidy(expr), "")) { Limits = limits, Alerts = alerts ?? [], Decimals = decimals };

    public static Panel Graph(string title, string unit, string about, params (string Expr, string Legend)[] queries) =>
        new(Shape.Graph, title, unit, about, [.. queries.Select(query => new Query(Tidy(query.Expr), query.Legend))]);

    public static Panel Stacked(string title, string unit, string about, params (string Expr, string Legend)[] queries) => Graph(title, unit, about, queries) with { Shape = Shape.Stacked };

    public static Panel Table(string title, string unit, string about, params (string Expr, string Legend)[] queries) => Graph(title, unit, about, queries) with { Shape = Shape.Table };

    public static Panel Watched(this Panel panel, params string[] alerts) => panel with { Alerts = alerts };

    // The constants end in a blank, because a raw string cannot end in a quote.
    private static string Tidy(string expr) => expr.Replace("\" }", "\"}").Replace("\" ,", "\",");
}
