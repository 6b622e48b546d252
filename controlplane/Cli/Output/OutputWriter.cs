using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using YamlDotNet.Serialization;

namespace GatewayOps.Cli.Output;

/// <summary>Data goes to stdout in the asked format, messages go to stderr. Colours only where the caller says that a terminal takes them.</summary>
public sealed class OutputWriter(OutputFormat format, TextWriter data, TextWriter messages, bool colours = false)
{
    /// <summary>How JSON is written for people.</summary>
    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int WidthOfAPipe = 80;

    public OutputFormat Format => format;

    // A terminal's own width; where there is none, what a page takes.
    private int Width => !ReferenceEquals(data, Console.Out) || Console.IsOutputRedirected ? WidthOfAPipe : Math.Clamp(Console.WindowWidth - 1, 40, 120);

    public static string Yaml(JsonNode answer) => new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(Plain(answer)!);

    public void Write(JsonNode answer, Table table)
    {
        switch (format)
        {
            case OutputFormat.Json:
                data.WriteLine(answer.ToJsonString(Indented));
                break;
            case OutputFormat.Yaml:
                data.Write(Yaml(answer));
                break;
            case OutputFormat.Name:
                foreach (var row in table.RowsOf(answer))
                {
                    data.WriteLine(table.NameOf(row));
                }

                break;
            default:
                WriteTable(table.RowsOf(answer), table);
                break;
        }
    }

    /// <summary>Prints bytes as they are, whatever the format: what was stored is what is shown.</summary>
    public void Raw(string text) => data.Write(text);

    /// <summary>What was written is to be seen now.</summary>
    public void Flush() => data.Flush();

    /// <summary>One more of a list that has no end: a JSON value on a line of its own, a document of YAML, or as <see cref="Write"/> does.</summary>
    public void Next(JsonNode answer, Table table)
    {
        switch (format)
        {
            case OutputFormat.Json:
                JsonLine(answer);
                break;
            case OutputFormat.Yaml:
                data.Write($"---\n{Yaml(answer)}");
                break;
            default:
                Write(answer, table);
                break;
        }

        Flush();
    }

    /// <summary>A line for people, after a blank of <paramref name="indent"/>.</summary>
    public void Line(string text, Ink ink = Ink.Plain, int indent = 0) => data.WriteLine(new string(' ', indent) + (colours ? ink.Paint(text) : text));

    /// <summary>One JSON value on a line of its own, for lists that have no end.</summary>
    public void JsonLine(JsonNode value) => data.WriteLine(value.ToJsonString(Compact));

    /// <summary>A chart below a table: a bar for each item, or one line of their course for <paramref name="isCourse"/>. Nothing where data is for programs.</summary>
    public void Chart(string title, IReadOnlyList<(string Label, double Value)> items, bool isCourse)
    {
        var lines = isCourse ? [Output.Chart.Spark([.. items.Select(item => item.Value)], Width)] : Output.Chart.Bars(items, Width, colours);
        if (format != OutputFormat.Table || items.Count < 2 || lines.Count == 0)
        {
            return;
        }

        data.WriteLine();
        Line(title);
        foreach (var line in lines)
        {
            data.WriteLine(line);
        }
    }

    public void Message(string text) => messages.WriteLine(text);

    private void WriteTable(IReadOnlyList<JsonNode> rows, Table table)
    {
        if (rows.Count == 0)
        {
            messages.WriteLine(table.Empty);
            return;
        }

        var grid = new Grid();
        foreach (var _ in table.Columns)
        {
            grid.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(3));
        }

        grid.AddRow([.. table.Columns.Select(column => new Text(column.Heading.ToUpperInvariant()))]);
        foreach (var row in rows)
        {
            grid.AddRow([.. table.Columns.Select(column => new Text(column.Text(row) ?? "-"))]);
        }

        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        // Never cut a value: a terminal wraps a long line, and a person can still copy it.
        console.Profile.Width = 10_000;
        console.Write(grid);
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            data.WriteLine(line.TrimEnd());
        }
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject members => members.ToDictionary(member => member.Key, member => Plain(member.Value)),
        JsonArray items => items.Select(Plain).ToList(),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<long>(out var whole) => whole,
        JsonValue value when value.TryGetValue<decimal>(out var number) => number,
        _ => node.ToJsonString(),
    };
}
