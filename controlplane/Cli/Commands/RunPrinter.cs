using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Shows what a run of the reconciler did; exit 0 when every gateway succeeded.</summary>
public static class RunPrinter
{
    public static int Print(OutputWriter writer, JsonNode answer)
    {
        var runs = (answer["runs"] as JsonArray ?? []).OfType<JsonNode>().ToList();
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(answer, RunsCommand.Runs);
        }
        else
        {
            foreach (var run in runs)
            {
                writer.Line($"gateway {Cell.Text(run["gateway"])}: {Cell.Text(run["outcome"])}{(run["error"] is { } error ? $" ({Cell.Text(error)})" : "")}");
                foreach (var change in (run["changes"] as JsonArray ?? []).OfType<JsonNode>())
                {
                    writer.Line("  " + PlanPrinter.Line(change));
                }
            }
        }

        return runs.Any(run => Cell.Text(run["outcome"]) is "failed" or "interrupted") ? ExitCodes.Failed : ExitCodes.Ok;
    }
}
