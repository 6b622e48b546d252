using System.Globalization;
using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Conventions;

/// <summary>Logs are source-generated, and each feature numbers its events within its own block.</summary>
public sealed partial class LogEventTests
{
    private static readonly (string Folder, int First, int End)[] Blocks =
    [
        ("controlplane/Service/Content/", 1000, 1500),
        ("controlplane/Service/Loaded/", 1500, 2000),
        ("controlplane/Service/Reconciliation/", 2000, 2900),
        ("controlplane/Service/Scheduling/", 2900, 3000),
        ("controlplane/Service/Proxy/", 3000, 3500),
        ("controlplane/Service/Upstreams/", 3500, 4000),
        ("controlplane/Service/Access/", 4000, 5000),
        ("controlplane/Service/Usage/", 5000, 6000),
        ("controlplane/Service/Ingestion/", 6000, 7000),
        ("controlplane/Service/Storage/", 7000, 8000),
        ("controlplane/Service/Telemetry/", 8000, 9000),
        ("controlplane/Service/Hosting/", 9000, 10000),
        ("controlplane/Service/Events/", 10000, 11000),
        ("controlplane/Service/Analytics/", 11000, 12000),
        ("controlplane/Emulator/", 20000, 30000),
        ("controlplane/EmbeddedPostgres/", 30000, 40000),
        ("controlplane/Cli/", 40000, 50000),
        ("controlplane/Client/", 50000, 60000),
    ];

    private static readonly List<SourceFile> Sources = [.. SourceFile.Below("controlplane")];

    [Fact]
    public void EveryEventId_LiesInItsFeaturesBlock_AndIsUnique()
    {
        var events = Sources.SelectMany(file => Messages().Matches(file.Text).Select(match => (file.Path, Id: EventId(match.Groups["arguments"].Value)))).ToList();
        Assert.NotEmpty(events);
        Assert.All(events, logged =>
        {
            Assert.True(logged.Id is not null, $"{logged.Path}: a [LoggerMessage] without an event id");
            var block = Blocks.Single(block => logged.Path.StartsWith(block.Folder, StringComparison.Ordinal));
            Assert.True(logged.Id >= block.First && logged.Id < block.End, $"{logged.Path}: event {logged.Id} lies outside {block.First}..{block.End - 1}");
        });
        Assert.Empty(events.GroupBy(logged => logged.Id).Where(group => group.Count() > 1).Select(group => $"event {group.Key}: {string.Join(", ", group.Select(logged => logged.Path))}"));
    }

    [Fact]
    public void Logs_AreSourceGenerated() =>
        Assert.Empty(Sources.Where(file => DirectCall().IsMatch(file.Text)).Select(file => file.Path));

    private static int? EventId(string arguments) =>
        Number().Match(arguments) is { Success: true } match ? int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\[LoggerMessage\((?<arguments>(?:[^""\]]|""(?:[^""\\]|\\.)*"")*)\]")]
    private static partial Regex Messages();

    [GeneratedRegex(@"(?:^\s*|EventId\s*=\s*)(?<id>\d+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\.Log(?:Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex DirectCall();
}
