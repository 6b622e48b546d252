using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Shows a plan: the changes per gateway as one line each, and where each setting is enforced.</summary>
public static class PlanPrinter
{
    private static readonly Dictionary<string, char> Marks = new() { ["create"] = '+', ["update"] = '~', ["delete"] = '-', ["report"] = '!' };

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
            writer.Line($"gateway {Cell.Text(gateway["gateway"])}: {(changes.Count == 0 ? "nothing to change" : $"{changes.Count} change(s)")}");
            foreach (var change in changes)
            {
                writer.Line("  " + Line(change));
            }
        }

        foreach (var enforcement in (plan["enforcements"] as JsonArray ?? []).OfType<JsonNode>())
        {
            writer.Line($"  {Cell.Text(enforcement["pointer"])} is enforced by: {Cell.Text(enforcement["point"])} ({Cell.Text(enforcement["detail"])})");
        }

        writer.Line($"plan hash {Cell.Text(plan["hash"])}");
    }

    /// <summary>`~ gateway openai-compat cache_ttl: 0 -> 300 (reason)`.</summary>
    public static string Line(JsonNode change)
    {
        var mark = Marks.GetValueOrDefault(Cell.Text(change["op"]), '?');
        var field = change["field"] is { } name ? $" {Cell.Text(name)}: {Cell.Text(change["from"])} -> {Cell.Text(change["to"])}" : "";
        return $"{mark} {Cell.Text(change["kind"])} {Cell.Text(change["key"])}{field} ({Cell.Text(change["reason"])})";
    }

    private static IEnumerable<JsonNode> Gateways(JsonNode plan) => (plan["gateways"] as JsonArray ?? []).OfType<JsonNode>();

    private static IEnumerable<JsonNode> Changes(JsonNode gateway) => (gateway["changes"] as JsonArray ?? []).OfType<JsonNode>();
}
