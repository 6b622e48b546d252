using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`content replay`: which decisions about recorded requests a draft or a revision would change.</summary>
public static class ReplayCommand
{
    // One row for all requests that would meet the same change; `-o json` holds each request.
    private static readonly Table Groups = new(
        "groups",
        "example",
        "No decision changes.",
        Column.Of("requests", "count"),
        new("what changes", Difference),
        Column.Of("for example", "example"));

    public static Command Build(Shell shell)
    {
        var name = ContentCommand.NameOption();
        var file = new Option<string?>("--file", "-f") { Description = "A draft (JSON, - is stdin); default: a stored revision." };
        var revision = ContentCommand.RevisionOption();
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Only requests of this gateway." };
        var since = new Option<string?>("--since") { Description = "A span like 90m, 24h or 7d, or a time like 2026-11-21T00:00:00Z." };
        var limit = new Option<int?>("--limit") { Description = "How many of the newest requests." };
        var verb = new Command("replay", "Which decisions about recorded requests a draft or a revision would change. No request is sent and nothing is stored.") { name, file, revision, gateway, since, limit };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                if (call.Optional(file) is not null && call.Optional(revision) is not null)
                {
                    throw new CliException("--file and --revision are both given.", "leave one of them out");
                }

                var body = ContentCommand.Body(
                    ("document", call.Optional(file) is { } path ? Document(await ContentCommand.ReadAsync(path, cancellationToken), path) : null),
                    ("revision", call.Optional(revision)),
                    ("gateway", call.Optional(gateway)),
                    ("since", call.Optional(since)),
                    ("limit", call.Optional(limit)));
                var replay = await call.Api.PostAsync($"{ContentCommand.Of(call.Value(name))}/replay", body, cancellationToken);
                call.Writer.Write(replay, Groups);
                call.Writer.Message(Summary(replay));
                return Cell.Text(replay["changed"]) is not ("0" or "-") ? ExitCodes.Differences : ExitCodes.Ok;
            },
            Exits.Compares);
        return verb;
    }

    private static JsonNode? Document(byte[] bytes, string path)
    {
        try
        {
            return JsonNode.Parse(bytes);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new CliException($"{path} is not JSON: {e.Message}", "gatewayops content validate --file FILE");
        }
    }

    private static string Summary(JsonNode replay)
    {
        var left = replay["notComparable"];
        var reasons = string.Join("; ", Cell.Items(left?["why"]).Select(why => $"{Cell.Text(why["count"])} {Cell.Text(why["reason"])}"));
        return $"{Cell.Text(replay["changed"])} of {Cell.Text(replay["compared"])} decisions change{(Cell.Text(left?["count"]) is "-" or "0" ? "" : $"; {Cell.Text(left!["count"])} requests could not be compared: {reasons}")}";
    }

    // Only the members that differ: `rule: cache-chat -> -`.
    private static string Difference(JsonNode group)
    {
        var (before, after) = (group["before"] as JsonObject ?? [], group["after"] as JsonObject ?? []);
        var members = before.Select(member => member.Key).Union(after.Select(member => member.Key)).Where(member => !JsonNode.DeepEquals(before[member], after[member]));
        return string.Join("; ", members.Select(member => $"{member}: {Cell.Text(before[member])} -> {Cell.Text(after[member])}"));
    }
}
