using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Holds a request to what its virtual key and its session may use, before any upstream is asked: the key's models, its rates, its budget, the session's rate. In memory; nothing here waits.
/// </summary>
public sealed class KeyGate(KeyAllowances allowances, SessionLimits sessions, AccessMetrics metrics)
{
    /// <summary>Why the key may not use this gateway; null when it may.</summary>
    public OpenAiError? RefuseGateway(Caller caller, string gateway)
    {
        if (caller.VirtualKey?.Scope.AllowsGateway(gateway) ?? true)
        {
            return null;
        }

        metrics.Failed(AuthFailure.Scope);
        return new OpenAiError(
            StatusCodes.Status403Forbidden, "permission_error", "gateway_not_allowed",
            $"This virtual key may not use the gateway {gateway}: use the proxy of a gateway that it may, or have an operator issue a key for this one.");
    }

    /// <summary>The visit, to be settled when the request has ended, or why it is refused.</summary>
    /// <param name="session">Null for a request without one, which no session's limit holds.</param>
    /// <param name="estimate">What one upstream may use; the dearest of them counts until it is known.</param>
    public (KeyVisit? Visit, KeyRefusal? Refusal) Admit(Caller caller, RouteDecision decision, string? session, Func<UpstreamTarget, UsageAmounts> estimate)
    {
        KeyVisit visit;
        if (caller.VirtualKey is { } key)
        {
            if (!caller.MayUse(decision.Asked.Provider, decision.Asked.Model))
            {
                metrics.Failed(AuthFailure.Scope);
                return (null, KeyRefusal.Model());
            }

            var most = NeedsEstimate(key) ? Most(decision.Targets.Select(estimate)) : default;
            var (hold, shortage) = allowances.TryHold(key, most.Tokens, most.Usd);
            if (shortage is not null)
            {
                return (null, KeyRefusal.Of(key, shortage));
            }

            visit = hold is null ? KeyVisit.Free : new KeyVisit(allowances, hold, most);
        }
        else
        {
            visit = KeyVisit.Free;
        }

        if (session is not null && sessions.Refuses(caller.Tenant, session) is { } wait)
        {
            visit.GiveBack();
            return (null, KeyRefusal.Session(sessions.PerMinute, wait));
        }

        return (visit, null);
    }

    /// <summary>What <see cref="Admit"/> would say of the key's models and limits now, as far as this replica knows; takes nothing.</summary>
    public KeyRefusal? Foresee(Caller caller, RouteDecision decision, Func<UpstreamTarget, UsageAmounts> estimate)
    {
        if (caller.VirtualKey is not { } key)
        {
            return null;
        }

        if (!caller.MayUse(decision.Asked.Provider, decision.Asked.Model))
        {
            return KeyRefusal.Model();
        }

        var most = Most(decision.Targets.Select(estimate));
        return BalancesOf(caller).FirstOrDefault(balance => balance.Remaining < AmountOf(balance.Kind)) is { } balance
            ? KeyRefusal.Of(key, new KeyShortage(balance.Kind, balance.Limit, balance.Window, AmountOf(balance.Kind), AmountOf(balance.Kind) > balance.Limit ? KeyRoom.Never : KeyRoom.None, balance.Reset))
            : null;

        decimal AmountOf(string kind) => kind switch { KeyAmounts.Requests => 1, KeyAmounts.Tokens => most.Tokens, _ => most.Usd };
    }

    /// <summary>What is left of each limit of the caller's key.</summary>
    public IReadOnlyList<KeyBalance> BalancesOf(Caller caller) => caller.VirtualKey is { } key ? allowances.BalancesOf(key) : [];

    private static bool NeedsEstimate(VirtualKey key) => key is not { TokensPerMinute: null, Budget: null };

    private static UsageAmounts Most(IEnumerable<UsageAmounts> estimates) => estimates.Aggregate(
        default(UsageAmounts), (most, next) => new UsageAmounts(1, Math.Max(most.Tokens, next.Tokens), Math.Max(most.Usd, next.Usd)));
}

/// <summary>A request that its key let in, and what it holds of the key's limits until <see cref="Settle"/>.</summary>
public sealed class KeyVisit
{
    private readonly KeyAllowances? _allowances;
    private readonly KeyHold? _hold;
    private readonly UsageAmounts _estimate;

    public KeyVisit(KeyAllowances? allowances, KeyHold? hold, UsageAmounts estimate) => (_allowances, _hold, _estimate) = (allowances, hold, estimate);

    /// <summary>Of a caller without limits.</summary>
    public static KeyVisit Free { get; } = new(null, null, default);

    /// <summary>The request was not made after all.</summary>
    public void GiveBack() => Settle(0, 0, 0);

    /// <summary>
    /// Counts what the request used. One that asked no upstream used nothing. Where an answer began and its usage is not known, because the caller went away or the provider does not tell, the
    /// estimate counts: to hang up early must not be free. Where the provider itself ends a stream with an error, what had passed counts, as it does in the record.
    /// </summary>
    public void Settle(UsageRecord record)
    {
        if (record.Attempts == 0)
        {
            GiveBack();
        }
        else if (record.Cache == "hit")
        {
            Settle(1, 0, 0);
        }
        else if (record.Tokens is { } tokens && (!tokens.IsEstimate || record.Outcome is Outcomes.Ok or Outcomes.UpstreamError))
        {
            Settle(1, tokens.Total, record.CostUsd ?? 0);
        }
        else if (record.Outcome is Outcomes.Ok or Outcomes.Cancelled or Outcomes.Truncated)
        {
            // More may have passed than was estimated.
            Settle(1, Math.Max(_estimate.Tokens, record.Tokens?.Total ?? 0), Math.Max(_estimate.Usd, record.CostUsd ?? 0));
        }
        else
        {
            Settle(1, 0, 0);
        }
    }

    private void Settle(long requests, long tokens, decimal usd)
    {
        if (_hold is not null)
        {
            _allowances!.Settle(_hold, requests, tokens, usd);
        }
    }
}
