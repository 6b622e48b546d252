using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>A table of a guide in controlplane/docs. The code decides its leading columns; the last one is written by hand and must say something.</summary>
internal static class GuideTable
{
    /// <summary>Compares the table whose first heading is <paramref name="heading"/> with what the code has; what to paste is in the failure.</summary>
    public static void Holds(string guide, string heading, IEnumerable<string[]> expected)
    {
        var rows = Rows(guide, heading);
        var leading = expected.Select(Line).ToList();
        Assert.NotEmpty(leading);
        var width = expected.First().Length;
        var written = rows.Select(row => Line(row[..width])).ToList();
        Assert.True(
            leading.SequenceEqual(written),
            $"{guide}, the table | {heading} |\nlacks:\n{string.Join('\n', leading.Except(written))}\nhas too much:\n{string.Join('\n', written.Except(leading))}\nits order:\n{string.Join('\n', leading)}");
        Assert.All(rows, row => Assert.True(row.Length == width || row[width..].All(cell => cell.Length > 0), $"{guide}: {Line(row)} does not say what it means"));
    }

    private static List<string[]> Rows(string guide, string heading)
    {
        var lines = File.ReadAllLines(Repository.File($"controlplane/docs/{guide}"));
        var start = Array.FindIndex(lines, line => line.StartsWith($"| {heading} |", StringComparison.Ordinal));
        Assert.True(start >= 0, $"{guide} has no table that starts with | {heading} |");
        return [.. lines.Skip(start + 2).TakeWhile(line => line.StartsWith('|')).Select(line => line.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim()).ToArray())];
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
