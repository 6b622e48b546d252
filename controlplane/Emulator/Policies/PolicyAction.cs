using System.Text.Json;

namespace GatewayOps.Emulator.Policies;

/// <summary>What a policy does with the requests that it matches (contract 7).</summary>
public abstract record PolicyAction
{
    /// <param name="json">Valid.</param>
    public static PolicyAction Read(JsonElement json)
    {
        var type = json.GetProperty("type");
        if (type.ValueEquals("block"))
            return new BlockAction(json.TryGetProperty("except", out var except) && except.ValueKind == JsonValueKind.True);
        return type.ValueEquals("limit")
            ? new LimitAction(json.GetProperty("amount").TryGetDecimal(out var amount) ? amount : decimal.MaxValue, BudgetPeriods.Parse(json.GetProperty("period").GetString()!))
            : new AllowAction();
    }
}

/// <summary>`no-limit`.</summary>
public sealed record AllowAction : PolicyAction;

/// <param name="Except">Refuses everything but the policy's resource.</param>
public sealed record BlockAction(bool Except) : PolicyAction;

/// <param name="Amount">USD.</param>
public sealed record LimitAction(decimal Amount, BudgetPeriod Period) : PolicyAction;
