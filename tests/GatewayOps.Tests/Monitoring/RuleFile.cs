using GatewayOps.Tests.Support;
using YamlDotNet.Serialization;

namespace GatewayOps.Tests.Monitoring;

/// <summary>A recording rule or an alert, as infra/monitoring/prometheus/rules has it.</summary>
internal sealed record MonitoringRule(string File, string Group, string? Record, string? Alert, string Expr, string? For, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations);

/// <summary>What infra/monitoring holds, read once.</summary>
internal static class MonitoringFiles
{
    public const string Folder = "infra/monitoring";

    private static readonly IDeserializer Yaml = new DeserializerBuilder().Build();

    public static IReadOnlyList<MonitoringRule> Rules { get; } = [.. Directory.EnumerateFiles(Repository.File($"{Folder}/prometheus/rules"), "*.yml").Order(StringComparer.Ordinal).SelectMany(RulesOf)];

    public static IReadOnlyList<MonitoringRule> Alerts { get; } = [.. Rules.Where(rule => rule.Alert is not null)];

    public static IReadOnlySet<string> Recorded { get; } = Rules.Where(rule => rule.Record is not null).Select(rule => rule.Record!).ToHashSet();

    /// <summary>Where the runbooks are published, by the one place that says so.</summary>
    public static string Runbooks { get; } = Text(Map(Map(Read("prometheus/prometheus.yml"), "global"), "external_labels")["runbooks"]);

    /// <summary>What a reviewer has accepted, with its reason: a part of reviewed.yml.</summary>
    public static IReadOnlyDictionary<string, string> Reviewed(string part) =>
        Read("reviewed.yml").TryGetValue(part, out var entries) && entries is IDictionary<object, object> map
            ? map.ToDictionary(entry => Text(entry.Key), entry => Text(entry.Value))
            : new Dictionary<string, string>();

    public static IDictionary<object, object> Read(string path) => Parse(System.IO.File.ReadAllText(Repository.File($"{Folder}/{path}")));

    public static IDictionary<object, object> Parse(string yaml) => (IDictionary<object, object>)Yaml.Deserialize<object>(yaml);

    public static IDictionary<object, object> Map(IDictionary<object, object> of, string key) => (IDictionary<object, object>)of[key];

    public static IEnumerable<IDictionary<object, object>> List(IDictionary<object, object> of, string key) =>
        of.TryGetValue(key, out var items) ? ((IList<object>)items).Cast<IDictionary<object, object>>() : [];

    public static string Text(object value) => (string)value;

    private static IEnumerable<MonitoringRule> RulesOf(string path) =>
        from @group in List(Parse(System.IO.File.ReadAllText(path)), "groups")
        from rule in List(@group, "rules")
        select new MonitoringRule(Path.GetFileName(path), Text(@group["name"]), Find(rule, "record"), Find(rule, "alert"), Text(rule["expr"]).Trim(), Find(rule, "for"), Pairs(rule, "labels"), Pairs(rule, "annotations"));

    private static string? Find(IDictionary<object, object> map, string key) => map.TryGetValue(key, out var value) ? Text(value) : null;

    private static Dictionary<string, string> Pairs(IDictionary<object, object> map, string key) =>
        map.TryGetValue(key, out var value) ? ((IDictionary<object, object>)value).ToDictionary(pair => Text(pair.Key), pair => Text(pair.Value)) : [];
}
