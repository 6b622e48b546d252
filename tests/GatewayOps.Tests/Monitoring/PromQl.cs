using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Monitoring;

/// <summary>As much of PromQL as it takes to name the series that an expression reads. Whether it parses is Prometheus' to say.</summary>
internal static partial class PromQl
{
    // Of Prometheus itself, and of the meters of .NET, ASP.NET Core and Npgsql. That they are there is shown by a Prometheus that reads a service.
    private static readonly string[] NotOurs =
    [
        "up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped",
        "dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes", "dotnet_gc_last_collection_heap_size_bytes", "dotnet_gc_pause_time_seconds_total",
        "dotnet_thread_pool_queue_length", "dotnet_thread_pool_thread_count",
        "db_client_operation_duration_seconds", "db_client_connection_count", "db_client_connection_max", "http_server_request_duration_seconds",
    ];

    private static readonly string[] Words = ["and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset"];

    /// <summary>The metrics of controlplane/docs/metrics.md, which a test holds to the instruments.</summary>
    public static IReadOnlySet<string> Catalogue { get; } = CatalogueRow().Matches(File.ReadAllText(Repository.File("controlplane/docs/metrics.md"))).Select(row => row.Groups["name"].Value).ToHashSet();

    /// <summary>Names of the series; of a histogram its family, without _bucket, _sum and _count.</summary>
    public static IEnumerable<string> Metrics(string expr) =>
        Name().Matches(Lists().Replace(Ranges().Replace(Strings().Replace(expr, "\"\""), ""), " "))
            .Select(name => name.Value).Where(name => !Words.Contains(name)).Select(Family).Distinct();

    public static bool IsKnown(string metric) => Catalogue.Contains(metric) || MonitoringFiles.Recorded.Contains(metric) || NotOurs.Contains(metric);

    // Only where the catalogue does not have the name as it is: gatewayops_x_count might be a gauge.
    private static string Family(string name) => IsKnown(name) ? name : Suffix().Replace(name, "");

    [GeneratedRegex("^\\| `(?<name>gatewayops_[a-z0-9_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex CatalogueRow();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Ranges();

    // Lists of labels.
    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Lists();

    // Not a function, not a part of a number.
    [GeneratedRegex(@"(?<![\w.:])[a-zA-Z_:][\w:]*(?![\w:]*\s*\()")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
