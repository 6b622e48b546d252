using System.Text.Json.Nodes;

namespace GatewayOps.Cli.Output;

/// <summary>How an answer becomes rows: the array that holds them, the columns, which value `-o name` prints, and what an empty answer says.</summary>
public sealed record Table(string Rows, string Name, string Empty, params Column[] Columns)
{
    public IReadOnlyList<JsonNode> RowsOf(JsonNode data) =>
        (Rows.Length == 0 ? new JsonArray(data.DeepClone()) : data[Rows] as JsonArray ?? []).OfType<JsonNode>().ToList();
}

/// <summary>One column: its heading and the text of a row in it.</summary>
public sealed record Column(string Heading, Func<JsonNode, string?> Text)
{
    public static Column Of(string heading, string member) => new(heading, row => Cell.Text(row[member]));
}

public static class Cell
{
    /// <summary>Text of a JSON value; arrays are joined by commas, null is a dash.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray array => array.Count == 0 ? "-" : string.Join(", ", array.Select(Text)),
        JsonValue single when single.TryGetValue<string>(out var text) => text,
        _ => value.ToJsonString(),
    };
}
