using System.Text;
using Spectre.Console;

namespace GatewayOps.Cli.Output;

/// <summary>Small charts of text, as wide as they are told to be, in colour only where asked for.</summary>
public static class Chart
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    // As many bars as a reader takes in at a glance.
    private const int MostBars = 12;

    /// <summary>A horizontal bar per item, the largest over the whole width. Empty where no item has a value.</summary>
    public static IReadOnlyList<string> Bars(IReadOnlyList<(string Label, double Value)> items, int width, bool colours)
    {
        var shown = items.Where(item => item.Value > 0).Take(MostBars).ToList();
        if (shown.Count == 0)
        {
            return [];
        }

        var chart = new BarChart { Width = width, MaxValue = shown.Max(item => item.Value) };
        foreach (var (label, value) in shown)
        {
            chart.AddItem(Markup.Escape(Shortened(label, width / 3)), Math.Round(value, 4), Color.Teal);
        }

        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(chart);
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd())];
    }

    /// <summary>The course of values as one line of blocks, at most <paramref name="width"/> long: neighbours are added up where there are more.</summary>
    public static string Spark(IReadOnlyList<double> values, int width)
    {
        if (values.Count == 0)
        {
            return "";
        }

        var per = (values.Count + width - 1) / width;
        var points = values.Chunk(per).Select(part => part.Sum()).ToList();
        var most = points.Max();
        var line = new StringBuilder(points.Count);
        foreach (var point in points)
        {
            line.Append(most <= 0 || point <= 0 ? ' ' : Levels[(int)Math.Round((Levels.Length - 1) * point / most)]);
        }

        return line.ToString();
    }

    private static string Shortened(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";
}
