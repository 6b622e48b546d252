using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cli.Output;

/// <summary>How an answer becomes rows: the array that holds them, the members that `-o name` prints (joined by `/`), what an empty answer says, and the columns.</summary>
public sealed record Table(string Rows, string Name, string Empty, params Column[] Columns)
{
    public IReadOnlyList<JsonNode> RowsOf(JsonNode data) =>
        (Rows.Length == 0 ? new JsonArray(data.DeepClone()) : data[Rows] as JsonArray ?? []).OfType<JsonNode>().ToList();

    public string NameOf(JsonNode row) => string.Join('/', Name.Split('/').Select(member => Cell.Text(row[member])));
}

/// <summary>One column: its heading and the text of a row in it.</summary>
public sealed record Column(string Heading, Func<JsonNode, string?> Text)
{
    public static Column Of(string heading, string member) => new(heading, row => Cell.Text(row[member]));

    public static Column Time(string heading, string member) => new(heading, row => Cell.Time(row[member]));
}

public static class Cell
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Text of a JSON value; arrays are joined by commas; null and what is empty are a dash.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray array => array.Count == 0 ? "-" : string.Join(", ", array.Select(Text)),
        JsonValue single when single.TryGetValue<string>(out var text) => text.Length == 0 ? "-" : PlainText.Line(text),
        _ => value.ToJsonString(Json),
    };

    /// <summary>A member that the answer of this version's service has.</summary>
    /// <exception cref="CliException">It has not.</exception>
    public static JsonNode Member(JsonNode answer, string name) =>
        answer[name] ?? throw new CliException($"The service's answer has no `{name}`.", "gatewayops status shows the service's version: it may be older or newer than this command");

    /// <summary>A value as JSON writes it, so that 1 and "1" differ.</summary>
    public static string Value(JsonNode? value) => value is null ? "null" : value.ToJsonString(Json);

    /// <summary>A number; 0 for what is none.</summary>
    public static double Number(JsonNode? value) => value is JsonValue single && single.GetValueKind() == JsonValueKind.Number ? double.Parse(single.ToJsonString(), CultureInfo.InvariantCulture) : 0;

    /// <summary>True where a member says so.</summary>
    public static bool Flag(JsonNode? value) => value is JsonValue single && single.TryGetValue<bool>(out var flag) && flag;

    /// <summary>The elements of a member that is a list; none where it is absent.</summary>
    public static IEnumerable<JsonNode> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonNode>();

    /// <summary>A time for people: UTC, to the second.</summary>
    public static string Time(JsonNode? value) =>
        DateTimeOffset.TryParse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : Text(value);
}
