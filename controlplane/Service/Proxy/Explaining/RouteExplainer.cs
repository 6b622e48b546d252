using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using Microsoft.Extensions.Options;
using Route = GatewayOps.Rules.Route;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>Puts into words what the parts of the pipeline say about a request. It decides nothing itself.</summary>
public sealed class RouteExplainer(
    KeyGate keys, RuleGate gate, UsageLedger ledger, PriceTable prices, ProviderTable providers, ProviderAvailability availability, CacheTrail trail, IOptions<ProxyOptions> options,
    TimeProvider time)
{
    private readonly ProxyOptions _options = options.Value;

    /// <summary>The explanation, or the error that the request would get before any provider is asked.</summary>
    public (RouteExplanation? Explanation, OpenAiError? Fault) Explain(HttpContext context, Question question)
    {
        var exchange = ProxyExchange.Of(context);
        var rules = exchange.Rules;
        var (decision, fault) = RouteDecision.Of(
            HttpMethods.Post, question.Dialect, question.Model ?? _options.DefaultModel ?? "", question.Provider, rules, exchange.Caller.Key, new RequestDetails(context.Request.Headers), providers);
        if (question.Request is { } request)
        {
            (decision, fault) = decision?.For(request) ?? (null, fault);
        }

        if (decision is null)
        {
            return (null, fault);
        }

        var route = decision.Route;
        var rate = gate.Foresee(rules.Gateway, route, exchange.Caller.Tenant);
        var quota = new RequestQuota(ledger, rules.Quota, rules.Gateway, target => Estimate(question, target), time);
        var upstreams = decision.Targets.Select(target => Upstream(context, target, quota.Foresee(target))).ToList();
        var first = decision.Targets[0];
        return (new RouteExplanation
        {
            Provider = first.Provider.Slug,
            ProviderAliases = ProviderCatalogue.AliasesOf(first.Provider.Slug),
            Model = first.Model,
            Requested = question.Model ?? "default",
            Available = upstreams.Exists(upstream => upstream.Available),
            Timestamp = time.GetUtcNow(),
            Gateway = rules.Gateway,
            Revision = exchange.Revision,
            Path = question.Dialect.Operation,
            Rule = route.Rule,
            Condition = route.Condition,
            Upstreams = upstreams,
            Fallback = route.FallbackEnabled,
            Retries = route.RetryCount,
            Cache = Cache(question, decision, first, exchange),
            RateLimit = route.RateLimit is { } limit && rate is var (left, wait) ? new RateVerdict(limit.Limit, limit.Interval, limit.Technique.ToString().ToLowerInvariant(), left, Milliseconds(wait)) : null,
            Queue = route.Queue is { } queue ? new QueueBounds(queue.Concurrency, queue.Depth, queue.Timeout) : null,
            CollectLog = route.CollectLog,
            Key = exchange.Caller.Key is { } name ? new KeyVerdict(name, [.. keys.BalancesOf(exchange.Caller).Select(left => new KeyLimit(left.Kind, left.Limit, left.Remaining, Milliseconds(left.Reset)))]) : null,
            Verdict = keys.Foresee(exchange.Caller, decision, target => Estimate(question, target)) is { } refusal ? Refused(refusal.Error) : Verdict(rate, route, decision, quota),
        }, null);
    }

    private UpstreamVerdict Upstream(HttpContext context, UpstreamTarget target, UpstreamFailure? refusal) => new(
        target.Provider.Slug,
        target.Model,
        Milliseconds(target.Timeout ?? _options.AttemptTimeout),
        (availability.IsCustom(target.Provider) || availability.IsConfigured(context, target.Provider.Slug)) && availability.IsAvailable(target.Provider.Slug),
        prices.Find(target.Provider.Slug, target.Model) is { } price ? new ListPrice(price.Input, price.CachedInput, price.Output) : null,
        refusal?.Error.Message);

    private CacheVerdict Cache(Question question, RouteDecision decision, UpstreamTarget first, ProxyExchange exchange)
    {
        if (decision.Route.Cache is not { IsOff: false } cache)
        {
            return new CacheVerdict { State = decision.Route.Cache is null ? "gateway_setting" : "off" };
        }

        var told = new CacheVerdict { State = "body_needed", Ttl = (long)cache.Ttl.TotalSeconds, Fields = cache.KeyFields, Shared = cache.Share };
        if (question.Request is null)
        {
            return told;
        }

        if (CacheKey.Of(question.Request, cache, first, exchange.Caller.Tenant) is not { } key)
        {
            return told with { State = "no_key" };
        }

        var history = trail.HistoryOf(exchange.Rules.Gateway, key, decision.Route.Condition);
        return told with { State = history.State, Key = key.Hash, Parts = key.Parts.ToDictionary(part => part.Name, part => part.Value), History = history };
    }

    // In the order of the pipeline, behind the key: the rule's rate, then quotas, provider by provider.
    private static RequestVerdict Verdict((int Left, TimeSpan Wait)? rate, Route route, RouteDecision decision, RequestQuota quota)
    {
        if (rate is var (_, wait) && wait > TimeSpan.FromMilliseconds(route.Queue?.Timeout ?? 0))
        {
            return Refused(GateRefusal.RateLimited(route.Rule!, route.RateLimit!, wait).Error);
        }

        var reach = route.FallbackEnabled ? decision.Targets : decision.Targets.Take(1);
        UpstreamFailure? refused = null;
        foreach (var target in reach)
        {
            if (quota.Foresee(target) is not { } failure)
            {
                return new RequestVerdict(true, null, null);
            }

            refused ??= failure;
        }

        return Refused(refused!.Error);
    }

    private static RequestVerdict Refused(OpenAiError error) => new(false, error.Code, error.Message);

    private UsageAmounts Estimate(Question question, UpstreamTarget target) => question.Request?.Estimate(target, prices) ?? new UsageAmounts(1, 0, 0);

    private static long Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);
}
