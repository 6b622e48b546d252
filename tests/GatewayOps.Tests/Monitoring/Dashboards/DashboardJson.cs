using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Monitoring.Dashboards;

/// <summary>Grafana's document of a dashboard (schema 39). No id, no version: Grafana's own business; the uid is what links point to.</summary>
internal static class DashboardJson
{
    private const int Columns = 24, StatHeight = 4, GraphHeight = 8;
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(Dashboard dashboard, string runbooks) => new JsonObject
    {
        ["uid"] = dashboard.Uid,
        ["id"] = null,
        ["title"] = dashboard.Title,
        ["description"] = dashboard.Answers,
        ["tags"] = new JsonArray("gatewayops"),
        ["schemaVersion"] = 39,
        ["editable"] = false,
        ["graphTooltip"] = 1,
        ["refresh"] = "30s",
        ["time"] = new JsonObject { ["from"] = "now-6h", ["to"] = "now" },
        ["timezone"] = "utc",
        ["links"] = new JsonArray([.. Dashboard.All.Where(other => other != dashboard).Select(Link), Page("Runbooks", "${runbooks}")]),
        ["templating"] = new JsonObject { ["list"] = Variables(runbooks) },
        ["panels"] = Panels(dashboard),
    }.ToJsonString(Readable) + "\n";

    // Variables and time go along.
    private static JsonObject Link(Dashboard other) => new()
    {
        ["type"] = "link",
        ["title"] = other.Title["GatewayOps: ".Length..],
        ["url"] = $"/d/{other.Uid}",
        ["includeVars"] = true,
        ["keepTime"] = true,
    };

    private static JsonObject Page(string title, string url) => new() { ["type"] = "link", ["title"] = title, ["url"] = url, ["targetBlank"] = true };

    private static JsonArray Variables(string runbooks) =>
    [
        new JsonObject { ["name"] = "datasource", ["label"] = "Data source", ["type"] = "datasource", ["query"] = "prometheus" },
        Choice("job", "Job", "label_values(gatewayops_build_info, job)"),
        Choice("instance", "Replica", "label_values(gatewayops_build_info{job=~\"$job\"}, instance)"),
        Choice("gateway", "Gateway", "label_values(gatewayops_proxy_requests_total{job=~\"$job\"}, gateway)"),
        new JsonObject { ["name"] = "runbooks", ["type"] = "constant", ["hide"] = 2, ["query"] = runbooks },
    ];

    private static JsonObject Choice(string name, string label, string query) => new()
    {
        ["name"] = name,
        ["label"] = label,
        ["type"] = "query",
        ["datasource"] = Source(),
        ["query"] = new JsonObject { ["query"] = query, ["refId"] = name },
        ["refresh"] = 2,
        ["sort"] = 1,
        ["multi"] = true,
        ["includeAll"] = true,
        ["allValue"] = ".*",
        ["current"] = new JsonObject { ["text"] = "All", ["value"] = "$__all" },
    };

    private static JsonObject Source() => new() { ["type"] = "prometheus", ["uid"] = "${datasource}" };

    private static JsonArray Panels(Dashboard dashboard)
    {
        var (panels, id, y) = (new JsonArray(), 0, 0);
        foreach (var row in dashboard.Rows)
        {
            panels.Add(new JsonObject { ["id"] = ++id, ["type"] = "row", ["title"] = row.Title, ["collapsed"] = false, ["panels"] = new JsonArray(), ["gridPos"] = At(0, y++, Columns, 1) });
            // Stats share one line; of the others there are two in each.
            var stats = row.Panels[0].Shape == Shape.Stat;
            var (across, height) = stats ? (row.Panels.Length, StatHeight) : (2, GraphHeight);
            foreach (var (index, panel) in row.Panels.Index())
            {
                panels.Add(Panel(panel, ++id, At(index % across * (Columns / across), y + (index / across * height), Columns / across, height)));
            }

            y += (row.Panels.Length + across - 1) / across * height;
        }

        return panels;
    }

    private static JsonObject At(int x, int y, int w, int h) => new() { ["x"] = x, ["y"] = y, ["w"] = w, ["h"] = h };

    private static JsonObject Panel(Panel panel, int id, JsonObject position) => new()
    {
        ["id"] = id,
        ["type"] = panel.Shape switch { Shape.Stat => "stat", Shape.Table => "table", _ => "timeseries" },
        ["title"] = panel.Title,
        ["description"] = panel.About,
        ["datasource"] = Source(),
        ["gridPos"] = position,
        ["links"] = new JsonArray([.. panel.Alerts.Select(alert => Page($"Runbook: {alert}", $"${{runbooks}}/{alert}.md"))]),
        ["targets"] = new JsonArray([.. panel.Queries.Select((query, index) => Target(panel, query, index))]),
        ["fieldConfig"] = new JsonObject { ["defaults"] = Field(panel), ["overrides"] = Overrides(panel) },
        ["options"] = Options(panel),
        ["transformations"] = panel.Shape != Shape.Table ? [] :
            new JsonArray(new JsonObject { ["id"] = "organize", ["options"] = new JsonObject { ["excludeByName"] = new JsonObject { ["Time"] = true, ["__name__"] = true, ["job"] = true } } }),
    };

    private static JsonObject Target(Panel panel, Query query, int index) => new()
    {
        ["refId"] = ((char)('A' + index)).ToString(CultureInfo.InvariantCulture),
        ["datasource"] = Source(),
        ["expr"] = query.Expr,
        ["legendFormat"] = query.Legend.Length > 0 ? query.Legend : "__auto",
        ["instant"] = panel.Shape is Shape.Stat or Shape.Table,
        ["range"] = panel.Shape is not (Shape.Stat or Shape.Table),
        ["format"] = panel.Shape == Shape.Table ? "table" : "time_series",
    };

    private static JsonObject Field(Panel panel)
    {
        var field = new JsonObject
        {
            ["unit"] = panel.Unit,
            ["color"] = new JsonObject { ["mode"] = panel.Limits is null && panel.Shape == Shape.Stat ? "fixed" : panel.Shape == Shape.Stat ? "thresholds" : "palette-classic" },
            ["thresholds"] = new JsonObject { ["mode"] = "absolute", ["steps"] = Steps(panel.Limits) },
            ["custom"] = panel.Shape switch
            {
                Shape.Stat => [],
                Shape.Table => new JsonObject { ["align"] = "auto", ["filterable"] = true },
                _ => new JsonObject
                {
                    ["drawStyle"] = "line",
                    ["lineWidth"] = 1,
                    ["fillOpacity"] = panel.Shape == Shape.Stacked ? 30 : 5,
                    ["showPoints"] = "never",
                    ["stacking"] = new JsonObject { ["mode"] = panel.Shape == Shape.Stacked ? "normal" : "none" },
                    ["thresholdsStyle"] = new JsonObject { ["mode"] = panel.Limits is null ? "off" : "dashed" },
                },
            },
        };
        if (panel.Shape is Shape.Graph or Shape.Stacked)
        {
            field["min"] = 0;
        }

        if (panel.Decimals is { } decimals)
        {
            field["decimals"] = decimals;
        }

        return field;
    }

    private static JsonArray Steps(Limits? limits) => limits switch
    {
        null => new JsonArray(Step("blue", from: null)),
        { LowIsBad: true } => new JsonArray(Step("red", from: null), Step("orange", limits.Bad), Step("green", limits.Warn)),
        { Warn: var warn, Bad: var bad } when warn == bad => new JsonArray(Step("green", from: null), Step("red", bad)),
        _ => new JsonArray(Step("green", from: null), Step("orange", limits.Warn), Step("red", limits.Bad)),
    };

    private static JsonObject Step(string colour, double? from) => new() { ["color"] = colour, ["value"] = from };

    // A limit is a dashed red line.
    private static JsonArray Overrides(Panel panel) => panel.Shape == Shape.Graph && panel.Queries.Any(query => query.Legend.StartsWith("limit", StringComparison.Ordinal))
        ? new JsonArray(new JsonObject
        {
            ["matcher"] = new JsonObject { ["id"] = "byRegexp", ["options"] = "^limit" },
            ["properties"] = new JsonArray(
                new JsonObject { ["id"] = "color", ["value"] = new JsonObject { ["mode"] = "fixed", ["fixedColor"] = "red" } },
                new JsonObject { ["id"] = "custom.lineStyle", ["value"] = new JsonObject { ["fill"] = "dash", ["dash"] = new JsonArray(8, 8) } },
                new JsonObject { ["id"] = "custom.fillOpacity", ["value"] = 0 }),
        })
        : [];

    private static JsonObject Options(Panel panel) => panel.Shape switch
    {
        Shape.Stat => new JsonObject
        {
            ["colorMode"] = "background",
            ["graphMode"] = "none",
            ["textMode"] = "value",
            ["reduceOptions"] = new JsonObject { ["calcs"] = new JsonArray("lastNotNull"), ["fields"] = "", ["values"] = false },
        },
        Shape.Table => new JsonObject { ["showHeader"] = true },
        _ => new JsonObject
        {
            ["legend"] = new JsonObject { ["displayMode"] = "table", ["placement"] = "bottom", ["calcs"] = new JsonArray("lastNotNull", "max") },
            ["tooltip"] = new JsonObject { ["mode"] = "multi", ["sort"] = "desc" },
        },
    };
}
