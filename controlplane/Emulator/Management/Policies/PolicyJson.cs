using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Policies;

namespace GatewayOps.Emulator.Management.Policies;

/// <summary>Policies and what was made of them as answers show them (contract 7).</summary>
public static class PolicyJson
{
    /// <summary>Times are seconds of Unix.</summary>
    public static JsonObject Of(Policy policy)
    {
        var json = new JsonObject { ["id"] = policy.Id };
        foreach (var (name, value) in JsonObject.Create(policy.Fields)!)
            json[name] = value?.DeepClone();
        json["created_at"] = policy.CreatedAt.ToUnixTimeSeconds();
        json["updated_at"] = policy.UpdatedAt.ToUnixTimeSeconds();
        return json;
    }

    /// <param name="mark">`staging` in a list, `uncommitted` where one is asked for.</param>
    public static JsonObject Draft(Policy policy, string mark)
    {
        var json = Of(policy);
        json[mark] = true;
        return json;
    }

    public static JsonObject Simulated(PolicyEvaluation evaluation, PolicyEnforcement enforcement, int evaluated) => new()
    {
        ["evaluation"] = new JsonObject
        {
            ["decision"] = evaluation.Decision switch
            {
                PolicyDecision.NoLimit => "no-limit",
                PolicyDecision.Block => "block",
                _ => "check_limits",
            },
            ["buckets"] = new JsonArray([.. evaluation.Buckets.Select(Bucket)]),
        },
        ["enforcement"] = Enforced(evaluation, enforcement),
        ["policiesEvaluated"] = evaluated,
    };

    private static JsonObject Bucket(BudgetBucket bucket) => new()
    {
        ["id"] = bucket.Id,
        ["actor"] = bucket.Actor,
        ["limits"] = new JsonArray([.. bucket.Limits.Select(limit => new JsonObject
        {
            ["amount"] = limit.Amount,
            ["period"] = BudgetPeriods.Names[(int)limit.Period],
            ["policyName"] = limit.Policy,
        })]),
    };

    private static JsonObject Enforced(PolicyEvaluation evaluation, PolicyEnforcement enforcement)
    {
        var json = new JsonObject { ["allowed"] = enforcement.Allowed };
        if (enforcement.Limit is { } limit)
        {
            json["reason"] = "limit_exceeded";
            json["bucket"] = enforcement.Bucket!.Id;
            json["spent"] = enforcement.Spent;
            json["limit"] = limit.Amount;
            json["policyName"] = limit.Policy;
        }
        else if (!enforcement.Allowed)
        {
            json["reason"] = "blocked";
            if (evaluation.BlockedBy is { } name)
                json["policyName"] = name;
        }
        return json;
    }
}
