using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>What a person should know of a gateway. <paramref name="Breaks"/>: it is not as it is to be, and nobody asked for that.</summary>
public sealed record Concern(string Type, string Word, string Reason, string Message, bool Breaks);

/// <summary>Shows one gateway: its revisions, how it is kept, its conditions with their reasons, and what drifted.</summary>
public static class GatewayPrinter
{
    // Conditions that are well when they are True; every other one is when it is False.
    private static readonly string[] Good = ["Ready", "Synced"];

    // What an operator asked for, or what repair cannot and need not change.
    private static readonly Dictionary<string, string> Words = new()
    {
        ["Ready"] = "not ready",
        ["Drifted"] = "drifted",
        ["OwnershipConflict"] = "in conflict",
        ["Paused"] = "paused",
        ["Observed"] = "observed only",
    };

    private static readonly Table Conditions = new(
        "conditions",
        "type",
        "Not compared yet: nothing is desired of it, or the reconciler has not come round.",
        Column.Of("condition", "type"),
        Column.Of("status", "status"),
        Column.Of("reason", "reason"),
        Column.Time("since", "lastTransitionTime"),
        Column.Of("message", "message"));

    private static readonly Table Replicas = new("replicas", "id", "", Column.Of("replica", "id"), Column.Of("loaded", "revision"), Column.Of("behind", "behind"), Column.Time("seen", "seenAt"));

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
        writer.Line($"  mode       {Cell.Text(status["mode"])}{(status["paused"] is { } paused ? $", paused by {Pause(paused)}" : "")}");
        writer.Line($"  ignored    {Cell.Text(status["ignored"])}");
        foreach (var contest in Cell.Items(status["contested"]))
        {
            writer.Line($"  contested  {Cell.Text(contest["subject"])}: {Cell.Value(contest["theirs"])} instead of {Cell.Value(contest["ours"])}, moved {Cell.Text(contest["flips"])} times, since {Cell.Time(contest["since"])}");
        }

        writer.Line("");
        writer.Write(status, Conditions);
        if (Cell.Items(status["replicas"]).Any())
        {
            writer.Line("");
            writer.Write(status, Replicas);
        }

        if (Cell.Items(status["drift"]).Any())
        {
            writer.Line("");
            writer.Line("differences:");
            PlanPrinter.PrintChanges(writer, Cell.Items(status["drift"]));
        }
    }

    /// <summary>`True (Reconciled)`; a dash while the condition is not known.</summary>
    public static string Condition(JsonNode gateway, string type) =>
        Find(gateway, type) is { } found ? $"{Cell.Text(found["status"])} ({Cell.Text(found["reason"])})" : "-";

    /// <summary>`eve at 2026-11-21 10:00:00Z: incident 42`; a dash for what is not paused.</summary>
    public static string Pause(JsonNode? pause) => pause is null ? "-" : $"{Cell.Text(pause["by"])} at {Cell.Time(pause["at"])}{(pause["reason"] is { } reason ? $": {Cell.Text(reason)}" : "")}";

    /// <summary>Why nothing is written to the gateway, or not all of it: paused, observed only, in conflict.</summary>
    public static IReadOnlyList<string> Held(JsonNode gateway) =>
        [.. new[] { "Paused", "Observed", "OwnershipConflict" }.Where(type => Cell.Text(Find(gateway, type)?["status"]) == "True").Select(type => Words[type])];

    /// <summary>What is not as it should be. A gateway of the account that nothing is desired of is never looked at, and no reason for concern.</summary>
    public static IEnumerable<Concern> Concerns(JsonNode gateway)
    {
        if (Find(gateway, "Ready") is null && Cell.Text(gateway["desired"]) != "none")
        {
            yield return new("Ready", Words["Ready"], "NotLookedAt", "it was not looked at yet", Breaks: true);
        }

        foreach (var condition in Cell.Items(gateway["conditions"]))
        {
            var (type, status) = (Cell.Text(condition["type"]), Cell.Text(condition["status"]));
            if (type != "Synced" && (Good.Contains(type) ? status != "True" : status == "True"))
            {
                yield return new(type, Words.GetValueOrDefault(type, type), Cell.Text(condition["reason"]), Cell.Text(condition["message"]), Breaks: Good.Contains(type));
            }
        }
    }

    private static JsonNode? Find(JsonNode gateway, string type) => Cell.Items(gateway["conditions"]).FirstOrDefault(condition => Cell.Text(condition["type"]) == type);
}
