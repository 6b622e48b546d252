using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Shows what a run of the reconciler did; exit 0 when every gateway succeeded.</summary>
public static class RunPrinter
{
    public static int Print(OutputWriter writer, JsonNode answer)
    {
        var runs = Cell.Items(answer["runs"]).ToList();
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(answer, RunsCommand.Runs);
        }
        else
        {
            foreach (var run in runs)
            {
                var ink = IsFailure(run) ? Ink.Bad : Ink.Plain;
                writer.Line($"gateway {Cell.Text(run["gateway"])}: {Cell.Text(run["outcome"])}{(run["error"] is { } error ? $" ({Cell.Text(error)})" : "")}", ink);
                PlanPrinter.PrintChanges(writer, Cell.Items(run["changes"]));
            }
        }

        if (!runs.Any(IsFailure))
        {
            return ExitCodes.Ok;
        }

        writer.Message("next:  gatewayops gateway show ID says what is wrong; the next pass tries again by itself");
        return ExitCodes.Failed;
    }

    private static bool IsFailure(JsonNode run) => Cell.Text(run["outcome"]) is "failed" or "interrupted";
}
