using System.CommandLine;
using System.Text.RegularExpressions;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Docs;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Monitoring;

/// <summary>Each alert has its page and each page its alert; what a page tells somebody to type at night is there.</summary>
public sealed partial class RunbookTests
{
    private static readonly string[] Headings = ["What it means", "What users notice", "How to look", "What to do", "Over when"];
    private static readonly RootCommand Root = CommandTree.Build(new Shell(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory)));

    private static readonly string[] Names = [.. Directory.EnumerateFiles(Repository.File($"{MonitoringFiles.Folder}/runbooks"), "*.md").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Pages => [.. Names];

    [Fact]
    public void Pages_AreThoseOfTheAlerts() => Assert.Equal(MonitoringFiles.Alerts.Select(rule => rule.Alert!).Distinct().Order(StringComparer.Ordinal), Names);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_SaysWhatItMeans_WhatToDo_AndWhenItIsOver(string page)
    {
        var text = Text(page);
        Assert.StartsWith($"# {page}\n", text, StringComparison.Ordinal);
        Assert.Equal(Headings, Heading().Matches(text).Select(match => match.Groups["title"].Value));
        Assert.All(text.Split("\n## ")[1..], part => Assert.True(part.Split('\n', 2)[1].Trim().Length > 5, part));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_AreThereAndComplete(string page) => Assert.All(Block(page, "sh"), line =>
    {
        if (line.StartsWith("curl ", StringComparison.Ordinal))
        {
            Assert.Matches("^curl -[a-zS]+ http://127\\.0\\.0\\.1:8787/(healthz|readyz|metrics|api/v1/events/sinks)( |$)", line);
            return;
        }

        Assert.StartsWith("gatewayops ", line, StringComparison.Ordinal);
        var parsed = Root.Parse(CommandLine.Only(line));
        Assert.True(parsed.Errors.Count == 0, $"{line}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
    });

    [Theory]
    [MemberData(nameof(Pages))]
    public void Queries_ReadWhatThereIs(string page)
    {
        var queries = Block(page, "promql");
        Assert.NotEmpty(queries);
        var awaited = MonitoringFiles.Reviewed("awaited");
        Assert.All(queries.SelectMany(PromQl.Metrics), metric => Assert.True(PromQl.IsKnown(metric) || awaited.ContainsKey(metric), $"{metric} is not there"));
    }

    /// <summary>The lines of the blocks of a page in one language.</summary>
    internal static IReadOnlyList<string> Block(string page, string language) =>
        [.. Fence().Matches(Text(page)).Where(block => block.Groups["language"].Value == language).SelectMany(block => block.Groups["lines"].Value.Trim().Split('\n'))];

    private static string Text(string page) => File.ReadAllText(Repository.File($"{MonitoringFiles.Folder}/runbooks/{page}.md"));

    [GeneratedRegex("^## (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
