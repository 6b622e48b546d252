using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Cel;
using GatewayOps.Emulator.Policies;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Enforces the policies of a gateway (contract 7). While the engine is down, everything is allowed and nothing is counted.</summary>
public sealed class PolicyGuard
{
    private static readonly GatewayError Denied = Error(403, new JsonObject { ["message"] = "Access denied by policy" });

    private readonly GuardMemory _memory;
    private readonly EmulatorClock _clock;

    public PolicyGuard(GuardMemory memory, EmulatorClock clock, EmulatorState state)
    {
        (_memory, _clock) = (memory, clock);
        state.WasReset += () => IsDown = false;
    }

    /// <summary>The fault that the admin API sets.</summary>
    public bool IsDown { get; set; }

    public GatewayError? Check(GuardedCall call)
    {
        var policies = call.Gateway.Policies.Enforced();
        if (policies.Count == 0 || IsDown)
            return null;
        var evaluation = PolicyEvaluation.Of(policies, SubjectOf(call.Call));
        if (evaluation.Decision == PolicyDecision.Block)
            return Denied;
        var (budgets, now) = (_memory.Of(call.Gateway).Budgets, _clock.GetUtcNow());
        var enforcement = PolicyEnforcement.Of(evaluation, (bucket, limit) => budgets.Spent(bucket.Id, limit.Period, now));
        if (enforcement.Limit is { } limit)
            return Exceeded(enforcement.Bucket!, limit, enforcement.Spent);
        call.Budgets = [.. evaluation.Buckets.SelectMany(bucket => bucket.Limits.Select(limit => (bucket.Id, limit.Period)))];
        return null;
    }

    public void Settle(GuardedCall call, decimal cost)
    {
        foreach (var (bucket, period) in call.Budgets)
            _memory.Of(call.Gateway).Budgets.Add(bucket, period, cost, _clock.GetUtcNow());
    }

    private static PolicySubject SubjectOf(ProviderCall call) => PolicySubject.Of(call.Target.Provider.Slug, call.Target.Model, new Dictionary<string, CelValue>(StringComparer.Ordinal)
    {
        ["cf"] = call.Arrival.Identity.Cf,
        ["metadata"] = call.Directives.Metadata is { } metadata ? CelValue.Of(JsonSerializer.Deserialize<JsonElement>(metadata)) : CelValue.Of(new Dictionary<string, CelValue>()),
    });

    private static GatewayError Exceeded(BudgetBucket bucket, BudgetLimit limit, decimal spent) => Error(429, new JsonObject
    {
        ["message"] = "Spending limit exceeded",
        ["bucket"] = bucket.Id,
        ["spent"] = spent,
        ["limit"] = limit.Amount,
    });

    /// <summary>Here `error` is an object, not the list of the other errors.</summary>
    private static GatewayError Error(int status, JsonObject error) => new(status, Code: null, error["message"]!.GetValue<string>())
    {
        OwnBody = WireJson.Bytes(new JsonObject { ["success"] = false, ["error"] = error }),
    };
}
