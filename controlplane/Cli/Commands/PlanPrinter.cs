using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Shows a plan: the changes of each gateway with their reasons, where each setting is enforced, what each replica has loaded, and what to execute it by.</summary>
public static class PlanPrinter
{
    // A value longer than this stands on a line of its own: a route's graph, say.
    private const int LongValue = 60;

    private static readonly Dictionary<string, (char Mark, Ink Ink)> Marks = new()
    {
        ["create"] = ('+', Ink.Good),
        ["update"] = ('~', Ink.Changed),
        ["delete"] = ('-', Ink.Bad),
        ["report"] = ('!', Ink.Noted),
    };

    private static readonly Table Enforcements = new(
        "enforcements",
        "pointer",
        "",
        Column.Of("setting", "pointer"),
        Column.Of("enforced by", "point"),
        Column.Of("how", "detail"));

    private static readonly Table Replicas = new(
        "replicas",
        "id",
        "",
        Column.Of("replica", "id"),
        Column.Of("gateway", "gateway"),
        Column.Of("loaded", "revision"),
        Column.Time("seen", "seenAt"));

    /// <summary>Whether executing would do anything, or cannot because a gateway is missing. What belongs to another owner is shown and does not count.</summary>
    public static bool HasChanges(JsonNode plan) =>
        Cell.Items(plan["gateways"]).Any(gateway => gateway["exists"]?.GetValue<bool>() == false || Cell.Items(gateway["changes"]).Any(change => !IsReport(change)));

    public static void Print(OutputWriter writer, JsonNode plan)
    {
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(plan, new Table("gateways", "gateway", "nothing to change"));
            return;
        }

        foreach (var gateway in Cell.Items(plan["gateways"]))
        {
            var changes = Cell.Items(gateway["changes"]).ToList();
            writer.Line($"gateway {Cell.Text(gateway["gateway"])}: {Summary(changes)}");
            PrintChanges(writer, changes);
        }

        foreach (var table in new[] { Enforcements, Replicas }.Where(table => table.RowsOf(plan).Count > 0))
        {
            writer.Line("");
            writer.Write(plan, table);
        }

        writer.Line("");
        PrintFlags(writer, plan);
        writer.Line($"plan hash {Cell.Text(plan["hash"])}");
        if (plan["id"] is not null)
        {
            writer.Line($"plan id   {Cell.Text(plan["id"])}, expires {Cell.Time(plan["expiresAt"])}");
        }
    }

    /// <summary>Each change on a line, its long values on lines of their own.</summary>
    public static void PrintChanges(OutputWriter writer, IEnumerable<JsonNode> changes)
    {
        foreach (var change in changes)
        {
            var ink = Marks.GetValueOrDefault(Cell.Text(change["op"])).Ink;
            var isLong = change["field"] is not null && (Cell.Value(change["from"]).Length > LongValue || Cell.Value(change["to"]).Length > LongValue);
            writer.Line(isLong ? Line(change, " differs") : Line(change), ink, indent: 2);
            if (isLong)
            {
                writer.Line($"from {Cell.Value(change["from"])}", ink, indent: 6);
                writer.Line($"to   {Cell.Value(change["to"])}", ink, indent: 6);
            }
        }
    }

    /// <summary>`~ gateway openai-compat cache_ttl: 0 -> 300 (reason)`.</summary>
    public static string Line(JsonNode change) => Line(change, $": {Cell.Value(change["from"])} -> {Cell.Value(change["to"])}");

    /// <summary>Told, never done by us.</summary>
    public static bool IsReport(JsonNode change) => Cell.Text(change["op"]) == "report";

    private static string Line(JsonNode change, string difference)
    {
        var mark = Marks.TryGetValue(Cell.Text(change["op"]), out var known) ? known.Mark : '?';
        var field = change["field"] is { } name ? $" {Cell.Text(name)}{difference}" : "";
        return $"{mark} {Cell.Text(change["kind"])} {Cell.Text(change["key"])}{field} ({Cell.Text(change["reason"])})";
    }

    private static void PrintFlags(OutputWriter writer, JsonNode plan)
    {
        var flags = new[] { ("prune", "--prune"), ("allowMassDelete", "--allow-mass-delete") }.Where(flag => Cell.Flag(plan[flag.Item1])).Select(flag => flag.Item2).ToList();
        if (flags.Count > 0)
        {
            writer.Line($"planned with {string.Join(' ', flags)}");
        }
    }

    // A report is a difference that somebody else owns: executing leaves it.
    private static string Summary(List<JsonNode> changes)
    {
        var reports = changes.Count(IsReport);
        var writes = (changes.Count - reports) switch { 0 => "nothing to change", 1 => "1 change", var many => $"{many} changes" };
        return reports == 0 ? writes : $"{writes}, {reports} reported";
    }
}
