using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Shows one gateway: its revisions, its conditions with their reasons, and what drifted.</summary>
public static class GatewayPrinter
{
    private static readonly Table Conditions = new(
        "conditions",
        "type",
        "Not compared yet: nothing is desired of it, or the reconciler has not come round.",
        Column.Of("condition", "type"),
        Column.Of("status", "status"),
        Column.Of("reason", "reason"),
        Column.Time("since", "lastTransitionTime"),
        Column.Of("message", "message"));

    public static void Print(OutputWriter writer, JsonNode status)
    {
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(status, GatewayCommand.Gateways with { Rows = "" });
            return;
        }

        writer.Line($"gateway {Cell.Text(status["gateway"])}{(status["exists"]?.GetValue<bool>() == false ? " (not in Cloudflare)" : "")}");
        writer.Line($"  desired    {Cell.Text(status["desired"])}");
        writer.Line($"  applied    {Cell.Text(status["applied"])}{(status["appliedAt"] is { } applied ? $" at {Cell.Time(applied)}" : "")}");
        writer.Line($"  loaded     {Cell.Text(status["loaded"])}");
        writer.Line($"  looked at  {Cell.Time(status["observedAt"])}");
        writer.Write(status, Conditions);
        foreach (var change in (status["drift"] as JsonArray ?? []).OfType<JsonNode>())
        {
            writer.Line(PlanPrinter.Line(change));
        }
    }

    /// <summary>`True (Reconciled)`; a dash while the condition is not known.</summary>
    public static string Condition(JsonNode gateway, string type) =>
        Find(gateway, type) is { } found ? $"{Cell.Text(found["status"])} ({Cell.Text(found["reason"])})" : "-";

    public static JsonNode? Find(JsonNode? gateway, string type) =>
        (gateway?["conditions"] as JsonArray ?? []).OfType<JsonNode>().FirstOrDefault(condition => Cell.Text(condition["type"]) == type);
}
