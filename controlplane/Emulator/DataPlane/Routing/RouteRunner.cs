using System.Collections.Frozen;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Routing;

/// <summary>
/// Executes a dynamic route (contract 5.2): from its start along the outputs until an end, or until an element that fails has no fallback. The answer is
/// the last successful model's, with `cf-aig-model` and `cf-aig-provider`; where there was none, the last failure.
/// </summary>
public sealed class RouteRunner(GatewayPipeline pipeline, RouteLimits limits, RouteChance chance, EmulatorOptions options, EmulatorClock clock)
{
    /// <summary>Of every provider: a route calls several, and none may get the key of another.</summary>
    private static readonly FrozenSet<string> KeyHeaders =
        GatewayProvider.All.SelectMany(provider => provider.AuthHeaders).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public async Task<CallAnswer> RunAsync(Arrival arrival, string name, CallWish wish, CancellationToken gone)
    {
        if (arrival.Caller.Token is null)
            return CallAnswer.Refused(GatewayError.Unauthorized, wish.Step); // contract 5.2: routes need authentication
        if (arrival.Gateway.Routes.FindDeployed(name) is not { } graph)
            return Refused(GatewayError.NoSuchRoute(name), arrival, name, wish);

        var run = new Run(arrival, name, wish with { Headers = [.. wish.Headers.Where(header => !KeyHeaders.Contains(header.Key))] }, limits.Of(graph));
        try
        {
            for (RouteElement? element = graph.Start; element is not (null or EndElement);)
                element = await NextAsync(run, element, gone) is { } next ? graph[next] : null;
            return await run.FinishAsync() ?? Refused(GatewayError.NoAnswer, arrival, name, wish);
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>The element after this one; null where the route stops.</summary>
    private async Task<string?> NextAsync(Run run, RouteElement element, CancellationToken gone) => element switch
    {
        StartElement start => start.Next,
        ConditionalElement conditional => conditional.Condition.Holds(run.Fields.Find) ? conditional.WhenTrue : conditional.WhenFalse,
        PercentageElement split => split.Pick(chance.Next()),
        RateElement rate => await LimitAsync(run, rate),
        ModelElement model => await CallAsync(run, model, gone),
        _ => null,
    };

    private async Task<string?> LimitAsync(Run run, RateElement rate)
    {
        var bucket = run.Fields.Bucket(rate.Key);
        var technique = rate.Technique ?? options.Assumptions.RouteLimitTechnique;
        if (rate.LimitType == RouteLimitType.Cost)
        {
            var budget = run.Counts.Budget(rate, bucket);
            run.Budgets.Add(budget);
            if (budget.IsLeft((decimal)rate.Limit * options.Assumptions.RouteBudgetUnit, rate.Window, technique, clock.GetUtcNow()))
                return rate.Success;
        }
        else if (run.Counts.Requests(rate, bucket).TryTake((long)rate.Limit, Math.Max(1, (long)rate.Window.TotalSeconds), technique, clock.GetUtcNow()))
            return rate.Success;

        if (rate.Fallback is null)
            await run.FailAsync(Refused(GatewayError.RateLimited, run.Arrival, run.Name, run.Wish));
        return rate.Fallback;
    }

    private async Task<string?> CallAsync(Run run, ModelElement element, CancellationToken gone)
    {
        if (ProviderResolver.Find(run.Arrival.Caller.Account, element.Provider) is not { } provider)
        {
            await run.FailAsync(Refused(GatewayError.ProviderUnknown, run.Arrival, run.Name, run.Wish));
            return element.Fallback;
        }
        var call = ProviderCall.Of(run.Arrival, CallTarget.Chat(provider, element.Model, run.Wish), run.Wish) with
        {
            Route = run.Name,
            Retry = RetryRule.For(run.Wish.Directives, run.Arrival.Gateway.Settings).Of(element),
            Paid = run.Pay(clock),
        };
        var answer = await pipeline.RunAsync(call, gone);
        if (!answer.IsSuccess)
        {
            await run.FailAsync(answer);
            return element.Fallback;
        }
        await run.SucceedAsync(answer.With([new("cf-aig-model", element.Model), new("cf-aig-provider", provider.Slug)]));
        return element.Success;
    }

    /// <summary>An error that no provider gave: it is logged as the route's.</summary>
    private CallAnswer Refused(GatewayError error, Arrival arrival, string name, CallWish wish) => pipeline.Refuse(
        ProviderCall.Of(arrival, new CallTarget(GatewayProvider.Unknown, wish.Rest, "", "", wish.Body, Compat: true), wish) with { Route = name }, error);

    /// <summary>One way through the graph.</summary>
    private sealed class Run(Arrival arrival, string name, CallWish wish, RouteLimits.Counts counts) : IAsyncDisposable
    {
        private CallAnswer? _success;
        private CallAnswer? _failure;

        public Arrival Arrival => arrival;

        public string Name => name;

        public CallWish Wish => wish;

        public RouteLimits.Counts Counts => counts;

        public RouteFields Fields { get; } = new(wish.Directives.Metadata);

        /// <summary>Those on the way so far: each pays for the models after it.</summary>
        public List<Budget> Budgets { get; } = [];

        public Action<decimal>? Pay(EmulatorClock clock)
        {
            if (Budgets.Count == 0)
                return null;
            Budget[] budgets = [.. Budgets];
            return cost =>
            {
                foreach (var budget in budgets)
                    budget.Pay(cost, clock.GetUtcNow());
            };
        }

        public async Task SucceedAsync(CallAnswer answer)
        {
            if (_success is not null)
                await _success.DisposeAsync();
            _success = answer;
        }

        public async Task FailAsync(CallAnswer answer)
        {
            if (_failure is not null)
                await _failure.DisposeAsync();
            _failure = answer;
        }

        /// <summary>A failure that is followed by a success is logged as the attempt that it was, the one that ends the route as the route's (contract 3).</summary>
        public async Task<CallAnswer?> FinishAsync()
        {
            if (_success is null)
                _failure?.Settle(name);
            else if (_failure is not null)
                await _failure.DisposeAsync();
            return _success ?? _failure;
        }

        public async ValueTask DisposeAsync()
        {
            if (_success is not null)
                await _success.DisposeAsync();
            if (_failure is not null)
                await _failure.DisposeAsync();
        }
    }
}
