using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Commands;

/// <summary>`content diff`: what differs in meaning between two revisions, or between a stored one and a file.</summary>
public static class DiffCommand
{
    private static readonly Table Changes = new("changes", "pointer", "No differences.", Column.Of("change", "kind"), Column.Of("pointer", "pointer"), Column.Of("from", "from"), Column.Of("to", "to"));

    private static readonly Dictionary<string, (char Mark, Ink Ink)> Marks = new() { ["added"] = ('+', Ink.Good), ["changed"] = ('~', Ink.Changed), ["removed"] = ('-', Ink.Bad) };

    public static Command Build(Shell shell)
    {
        var name = new Option<string?>("--name", "-n") { Description = "Name of the rule set; with --file the document's own name, then the file's stem, will do." };
        var from = new Option<int?>("--from") { Description = "The older revision; default: the one before --to, with --file the latest." };
        var to = new Option<int?>("--to") { Description = "The newer revision; default: the latest." };
        var file = new Option<string?>("--file", "-f") { Description = "A document (JSON, - is stdin) to compare with the stored revision, in the place of --to." };
        var verb = new Command("diff", "What differs in meaning between two revisions of a rule set, or between the stored one and a file. Order of rules and providers is no difference.") { name, from, to, file };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var diff = call.Optional(file) is { } path
                    ? await WithFileAsync(call, path, call.Optional(name), call.Optional(from), call.Optional(to), cancellationToken)
                    : await BetweenRevisionsAsync(call, call.Optional(name), call.Optional(from), call.Optional(to), cancellationToken);
                Print(call.Writer, diff);
                return Cell.Items(diff["changes"]).Any() ? ExitCodes.Differences : ExitCodes.Ok;
            },
            Exits.Compares);
        return verb;
    }

    private static Task<JsonNode> BetweenRevisionsAsync(Call call, string? name, int? from, int? to, CancellationToken cancellationToken) => name is null
        ? throw new CliException("--name is missing.", "gatewayops content diff --name NAME, or --file FILE")
        : call.Api.GetAsync(Pages.Query($"{ContentCommand.Of(name)}/diff", ("from", from?.ToString()), ("to", to?.ToString())), cancellationToken);

    private static async Task<JsonNode> WithFileAsync(Call call, string path, string? name, int? from, int? to, CancellationToken cancellationToken)
    {
        if (to is not null)
        {
            throw new CliException("--file is what --to would be: both cannot be given.", "leave --to out");
        }

        var document = await ContentCommand.ReadAsync(path, cancellationToken);
        var newer = ContentCommand.Valid(document, path);
        var ruleSet = ContentCommand.NameOf(document, name, path);
        var stored = await call.Api.GetTextAsync(ContentCommand.Of(ruleSet, from), cancellationToken);
        var changes = DocumentDiff.Between(ContentCommand.Valid(Encoding.UTF8.GetBytes(stored), $"the stored {ruleSet}"), newer);
        return new JsonObject
        {
            ["ruleSet"] = ruleSet,
            ["from"] = from is { } number ? number : "latest",
            ["to"] = path,
            ["changes"] = new JsonArray([.. changes.Select(Row)]),
        };
    }

    private static JsonObject Row(DocumentChange change) => new()
    {
        ["kind"] = change.Kind.ToString().ToLowerInvariant(),
        ["pointer"] = change.Pointer,
        ["from"] = Value(change.From),
        ["to"] = Value(change.To),
    };

    private static JsonNode? Value(string? canonical) => canonical is null ? null : Plain(JsonNode.Parse(canonical));

    // The canonical form writes 300 as 3e2, which nobody would.
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Plain)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => node?.DeepClone(),
    };

    private static void Print(OutputWriter writer, JsonNode diff)
    {
        if (writer.Format != OutputFormat.Table || !Cell.Items(diff["changes"]).Any())
        {
            writer.Write(diff, Changes);
            return;
        }

        writer.Line($"{Cell.Text(diff["ruleSet"])}: {Cell.Text(diff["from"])} -> {Cell.Text(diff["to"])}");
        foreach (var change in Cell.Items(diff["changes"]))
        {
            var (mark, ink) = Marks.GetValueOrDefault(Cell.Text(change["kind"]), ('?', Ink.Plain));
            writer.Line($"{mark} {Cell.Text(change["pointer"])}: {Difference(change)}", ink, indent: 2);
        }
    }

    private static string Difference(JsonNode change) => (change["from"], change["to"]) switch
    {
        (null, var to) => Cell.Value(to),
        (var from, null) => Cell.Value(from),
        var (from, to) => $"{Cell.Value(from)} -> {Cell.Value(to)}",
    };
}
