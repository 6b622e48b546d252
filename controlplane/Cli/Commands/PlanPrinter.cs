using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Shows a plan: the changes per gateway as one line each, and where each setting is enforced.</summary>
public static class PlanPrinter
{
    private static readonly Dictionary<string, char> Marks = new() { ["create"] = '+', ["update"] = '~', ["delete"] = '-', ["report"] = '!' };

    private static readonly Table Enforcements = new(
        "enforcements",
        "pointer",
        "The document says nothing.",
        Column.Of("setting", "pointer"),
        Column.Of("enforced by", "point"),
        Column.Of("how", "detail"));

    /// <summary>Whether executing would do anything, or cannot because a gateway is missing. What belongs to another owner is shown and does not count.</summary>
    public static bool HasChanges(JsonNode plan) =>
        Gateways(plan).Any(gateway => gateway["exists"]?.GetValue<bool>() == false || Changes(gateway).Any(change => Cell.Text(change["op"]) != "report"));

    public static void Print(OutputWriter writer, JsonNode plan)
    {
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(plan, new Table("gateways", "gateway", "nothing to change"));
            return;
        }

        foreach (var gateway in Gateways(plan))
        {
            var changes = Changes(gateway).ToList();
            writer.Line($"gateway {Cell.Text(gateway["gateway"])}: {Summary(changes)}");
            foreach (var change in changes)
            {
                writer.Line("  " + Line(change));
            }
        }

        writer.Line("");
        writer.Write(plan, Enforcements);
        writer.Line($"plan hash {Cell.Text(plan["hash"])}");
    }

    /// <summary>`~ gateway openai-compat cache_ttl: 0 -> 300 (reason)`.</summary>
    public static string Line(JsonNode change)
    {
        var mark = Marks.GetValueOrDefault(Cell.Text(change["op"]), '?');
        var field = change["field"] is { } name ? $" {Cell.Text(name)}: {Cell.Text(change["from"])} -> {Cell.Text(change["to"])}" : "";
        return $"{mark} {Cell.Text(change["kind"])} {Cell.Text(change["key"])}{field} ({Cell.Text(change["reason"])})";
    }

    // A report is a difference that somebody else owns: executing leaves it.
    private static string Summary(List<JsonNode> changes)
    {
        var reports = changes.Count(change => Cell.Text(change["op"]) == "report");
        var writes = (changes.Count - reports) switch { 0 => "nothing to change", 1 => "1 change", var many => $"{many} changes" };
        return reports == 0 ? writes : $"{writes}, {reports} reported";
    }

    private static IEnumerable<JsonNode> Gateways(JsonNode plan) => (plan["gateways"] as JsonArray ?? []).OfType<JsonNode>();

    private static IEnumerable<JsonNode> Changes(JsonNode gateway) => (gateway["changes"] as JsonArray ?? []).OfType<JsonNode>();
}
