using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary>Why an execution did nothing, with the command that comes next.</summary>
internal static class ExecutionProblems
{
    public static ProblemHttpResult PlanRefused(Execution asked, ExecutionResult.PlanRefused refused)
    {
        var next = $"make another with `gatewayops content plan --name {asked.RuleSet}`";
        var plan = refused.Plan is { } row ? $"Plan {row.Id} of {row.RuleSet}@{row.Revision}" : "";
        return refused.Refusal switch
        {
            PlanRefusal.Executed => Problem.Conflict("plan_executed", $"{plan} was executed already{(refused.Plan is { ExecutedAt: { } at } done ? $", by {done.ExecutedBy} at {at:u}" : "")}. A plan is executed once: {next}."),
            PlanRefusal.Expired => Problem.Conflict("plan_expired", $"{plan} expired at {refused.Plan!.ExpiresAt:u}: {next}."),
            _ => Problem.Conflict("plan_unknown", $"There is no plan {(asked.PlanId is { } id ? $"{id}" : $"with the hash {Shown(asked.PlanHash!)}")} of {asked.RuleSet}{(asked.Revision is { } revision ? $"@{revision}" : "")}: {next}."),
        };
    }

    public static ProblemHttpResult PlanChanged(RuleSetPlan plan)
    {
        var problem = Problem.Conflict("plan_changed", $"The plan is now {plan.Hash}: look at it with `gatewayops content plan --name {plan.RuleSet}{Flags(plan)}`, then execute with its hash.");
        problem.ProblemDetails.Extensions["planHash"] = plan.Hash;
        problem.ProblemDetails.Extensions["plan"] = plan;
        return problem;
    }

    public static ProblemHttpResult MassDeleteRefused(ExecutionResult.MassDeleteRefused refused)
    {
        var problem = Problem.Conflict("mass_delete_refused", $"{refused.What}. If that is meant, repeat with --allow-mass-delete (`allowMassDelete`).");
        if (refused.Deletion is { } deletion)
        {
            problem.ProblemDetails.Extensions["deletes"] = deletion.Deletes;
            problem.ProblemDetails.Extensions["made"] = deletion.Made;
        }

        return problem;
    }

    private static string Flags(RuleSetPlan plan) => $"{(plan.Prune ? " --prune" : "")}{(plan.AllowMassDelete ? " --allow-mass-delete" : "")}";

    // Whatever a caller sends as a hash, an error is one line.
    private static string Shown(string hash) => hash.Length <= 64 && hash.All(char.IsAsciiHexDigitLower) ? hash : "that was given";
}
