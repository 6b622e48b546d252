using GatewayOps.Tests.Monitoring;
using GatewayOps.Tests.Monitoring.Dashboards;
using GatewayOps.Tests.Support;

namespace GatewayOps.Monitoring.Tests;

/// <summary>What promtool says of configuration, rules and expressions, and the alerts' own unit tests.</summary>
public sealed class PromtoolTests
{
    private static readonly string Folder = Repository.File($"{MonitoringFiles.Folder}/prometheus");

    public static TheoryData<string> UnitTests => [.. Files("tests").Select(path => Path.GetFileName(path)!)];

    [Fact]
    public async Task Configuration_IsValid() => await PassesAsync("check", "config", "--syntax-only", Path.Combine(Folder, "prometheus.yml"));

    [Fact]
    public async Task Rules_AreValid_WithoutLint() => await PassesAsync(["check", "rules", "--lint=all", "--lint-fatal", .. Files("rules")]);

    [Theory]
    [MemberData(nameof(UnitTests))]
    public async Task Alerts_FireWhenTheyShould_AndOnlyThen(string file) => await PassesAsync("test", "rules", Path.Combine(Folder, "tests", file));

    [Fact]
    public async Task Expressions_OfDashboardsAndRunbooks_Parse()
    {
        using var folder = new TemporaryFolder();
        var rules = Expression.All.Select((expression, index) => $"  - {{record: 'checked:expression:{index}', expr: '{expression.PromQl.Replace("'", "''")}'}}");
        await File.WriteAllTextAsync(folder["expressions.yml"], $"groups:\n- name: expressions\n  rules:\n{string.Join('\n', rules)}\n");
        await PassesAsync("check", "rules", folder["expressions.yml"]);
        Assert.True(Dashboard.All.Count == 4 && Expression.All.Count > 150, $"{Expression.All.Count} expressions");
    }

    private static string[] Files(string part) => [.. Directory.EnumerateFiles(Path.Combine(Folder, part), "*.yml").Order(StringComparer.Ordinal)];

    private static async Task PassesAsync(params string[] arguments)
    {
        var (exitCode, output) = await Tool.RunAsync(Tool.Find("promtool"), arguments);
        Assert.True(exitCode == 0, output);
    }
}
