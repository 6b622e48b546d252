using System.Text.Json;
using GatewayOps.Emulator.Cel;
using GatewayOps.Emulator.Policies;

namespace GatewayOps.Emulator.Management.Policies;

/// <summary>A request that is only thought of, and what its budgets are thought to have spent (contract 7).</summary>
/// <param name="Usage">Name of a policy to USD.</param>
public sealed record PolicySimulation(PolicySubject Subject, IReadOnlyDictionary<string, decimal> Usage)
{
    /// <param name="body">Valid. Without a provider, it is what stands before the model's first slash.</param>
    public static PolicySimulation Read(JsonElement body)
    {
        var model = body.GetProperty("model").GetString()!;
        var provider = body.TryGetProperty("provider", out var given) ? given.GetString()! : model.Split('/', 2) is [var prefix, _] ? prefix : "";
        var identity = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        if (body.TryGetProperty("identity", out var members))
            foreach (var member in members.EnumerateObject().Where(member => member.Name is "cf" or "metadata"))
                identity[member.Name] = CelValue.Of(member.Value);

        var usage = new Dictionary<string, decimal>(StringComparer.Ordinal);
        if (body.TryGetProperty("bucketUsage", out var budgets))
            foreach (var budget in budgets.EnumerateObject())
                usage[budget.Name] = (budget.Value.ValueKind == JsonValueKind.Object ? budget.Value.GetProperty("spent") : budget.Value).GetDecimal();
        return new PolicySimulation(PolicySubject.Of(provider, model, identity), usage);
    }

    /// <summary>Policies that share a budget share its spending: the largest of theirs.</summary>
    public decimal Spent(BudgetBucket bucket, BudgetLimit limit) => limit.Policies.Max(name => Usage.GetValueOrDefault(name));
}
