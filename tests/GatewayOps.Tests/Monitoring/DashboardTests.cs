using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Tests.Docs;
using GatewayOps.Tests.Monitoring.Dashboards;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Monitoring;

/// <summary>The four dashboards: the files are what the tables beside this one make, and hold what Grafana needs. GATEWAYOPS_UPDATE_GOLDEN=1 writes them.</summary>
public sealed partial class DashboardTests
{
    private const string Folder = $"{MonitoringFiles.Folder}/grafana/dashboards";

    public static TheoryData<string> Files => [.. Dashboard.All.Select(dashboard => dashboard.File)];

    [Fact]
    public void Files_AreThoseOfTheTables()
    {
        foreach (var dashboard in Dashboard.All)
        {
            var path = Repository.File($"{Folder}/{dashboard.File}");
            var made = DashboardJson.Of(dashboard, MonitoringFiles.Runbooks);
            if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
            {
                File.WriteAllText(path, made);
            }

            Assert.True(File.ReadAllText(path) == made, $"{dashboard.File} is not what its table makes: GATEWAYOPS_UPDATE_GOLDEN=1 writes it");
        }

        Assert.Equal(Dashboard.All.Select(dashboard => dashboard.File).Order(), Directory.EnumerateFiles(Repository.File(Folder)).Select(Path.GetFileName).Order());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Document_HasAFixedUid_VariablesAndLinksToTheOthers(string file)
    {
        var document = Read(file);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), document.GetProperty("uid").GetString());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("id").ValueKind);
        Assert.False(document.TryGetProperty("version", out _));
        Assert.Equal(["datasource", "job", "instance", "gateway", "runbooks"], document.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()!));
        var links = document.GetProperty("links").EnumerateArray().Select(link => link.GetProperty("url").GetString()!).ToList();
        Assert.Equal(Dashboard.All.Where(other => other.File != file).Select(other => $"/d/{other.Uid}").Append("${runbooks}"), links);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Panels_SayWhatTheyShow_AndWhere(string file)
    {
        var panels = Read(file).GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, panels.Count), panels.Select(panel => panel.GetProperty("id").GetInt32()));
        Assert.Equal(["row", "stat"], panels.Take(2).Select(Type));
        Assert.All(panels.Where(panel => Type(panel) != "row"), panel =>
        {
            Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString());
            Assert.EndsWith(".", panel.GetProperty("description").GetString(), StringComparison.Ordinal);
            var defaults = panel.GetProperty("fieldConfig").GetProperty("defaults");
            Assert.Contains(defaults.GetProperty("unit").GetString(), new[] { "short", "s", "percentunit", "reqps", "ops", "currencyUSD", "bytes" });
            Assert.NotEmpty(defaults.GetProperty("thresholds").GetProperty("steps").EnumerateArray());
            var targets = panel.GetProperty("targets").EnumerateArray().ToList();
            Assert.NotEmpty(targets);
            Assert.Equal(targets.Count, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
            Assert.All(targets, target =>
            {
                var expr = target.GetProperty("expr").GetString()!;
                Assert.DoesNotMatch("job=\"", expr);
                // A replica's own series are those of the chosen ones; rules have added them up already.
                Assert.All(Own().Matches(Grouping().Replace(expr, "")), own => Assert.True(own.Groups["braces"].Value.Contains("$job", StringComparison.Ordinal) || expr.Contains("on (gateway)", StringComparison.Ordinal), expr));
                Assert.True(Type(panel) == "stat" || target.GetProperty("legendFormat").GetString() is not ("" or "__auto"), $"{panel.GetProperty("title")} has no legend");
            });
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Grid_HasNoOverlap_AndNothingBeyondItsEdge(string file)
    {
        var taken = new HashSet<(int, int)>();
        foreach (var panel in Read(file).GetProperty("panels").EnumerateArray())
        {
            var at = panel.GetProperty("gridPos");
            var (x, y, w, h) = (at.GetProperty("x").GetInt32(), at.GetProperty("y").GetInt32(), at.GetProperty("w").GetInt32(), at.GetProperty("h").GetInt32());
            Assert.True(x >= 0 && x + w <= 24 && w > 0 && h > 0, panel.GetProperty("title").GetString());
            Assert.All(from column in Enumerable.Range(x, w) from line in Enumerable.Range(y, h) select (column, line), cell => Assert.True(taken.Add(cell), $"{panel.GetProperty("title")} lies on another panel"));
        }
    }

    [Fact]
    public void Titles_AreUniqueWithinADashboard() => Assert.All(Dashboard.All, dashboard => Assert.Equal(dashboard.Panels.Count(), dashboard.Panels.Select(panel => panel.Title).Distinct().Count()));

    [Fact]
    public void Expressions_ReadWhatThereIs()
    {
        var awaited = MonitoringFiles.Reviewed("awaited");
        Assert.All(Expressions(), used => Assert.All(PromQl.Metrics(used.Expr), metric => Assert.True(PromQl.IsKnown(metric) || awaited.ContainsKey(metric), $"{used.Panel} reads {metric}, which there is not")));
    }

    [Fact]
    public void EveryMetricOfTheCatalogue_IsShownOrWatched_OrIsThereForDebugging()
    {
        var used = Expressions().Select(expression => expression.Expr).Concat(MonitoringFiles.Rules.Where(rule => rule.Alert != "GatewayOpsMetricMissing").Select(rule => rule.Expr)).SelectMany(PromQl.Metrics).ToHashSet();
        var debug = MonitoringFiles.Reviewed("debug");
        Assert.Equal(PromQl.Catalogue.Except(used).Order(), debug.Keys.Order());
        Assert.All(debug, entry => Assert.True(entry.Value.Length > 20, $"{entry.Key} gives no reason"));
    }

    [Fact]
    public void Awaited_AreUsed_AndNotYetInTheCatalogue()
    {
        var used = Expressions().Select(expression => expression.Expr).Concat(MonitoringFiles.Rules.Select(rule => rule.Expr)).SelectMany(PromQl.Metrics).ToHashSet();
        Assert.All(MonitoringFiles.Reviewed("awaited"), entry =>
        {
            Assert.Contains(entry.Key, used);
            Assert.False(PromQl.IsKnown(entry.Key), $"{entry.Key} is there: take its entry out of reviewed.yml");
        });
    }

    [Fact]
    public void EveryAlert_IsLinkedFromAPanelThatShowsTheSame_AndEveryLinkLeadsToOne()
    {
        var alerts = MonitoringFiles.Alerts.Select(rule => rule.Alert!).Distinct().Order().ToList();
        Assert.Equal(alerts, Dashboard.All.SelectMany(dashboard => dashboard.Panels).SelectMany(panel => panel.Alerts).Distinct().Order());
    }

    [Fact]
    public void Guide_ListsTheDashboards() => GuideTable.Holds("monitoring.md", "Dashboard", Dashboard.All.Select(dashboard => new[]
    {
        $"[{dashboard.Title["GatewayOps: ".Length..]}](dashboards.md#{Anchor().Replace(dashboard.Title.ToLowerInvariant(), "").Replace(' ', '-')})",
        $"`{dashboard.Uid}`",
        dashboard.Answers,
    }));

    private static IEnumerable<(string Panel, string Expr)> Expressions() =>
        from dashboard in Dashboard.All
        from panel in dashboard.Panels
        from query in panel.Queries
        select ($"{dashboard.Uid} / {panel.Title}", query.Expr);

    private static JsonElement Read(string file) => JsonElement.Parse(File.ReadAllBytes(Repository.File($"{Folder}/{file}")));

    private static string Type(JsonElement panel) => panel.GetProperty("type").GetString()!;

    // Names of replicas' series; those of rules have colons.
    [GeneratedRegex(@"(?<![\w:])(gatewayops|dotnet|db_client|http_server)_\w+(?![\w:(])(?<braces>\{[^}]*\})?")]
    private static partial Regex Own();

    [GeneratedRegex(@"\b(by|on) \([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex Anchor();
}
