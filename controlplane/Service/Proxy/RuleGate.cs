using GatewayOps.Rules;
using Route = GatewayOps.Rules.Route;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Holds requests to the rate limit and the queue of their rule, before any upstream is asked. With both, a request beyond the limit waits in the queue until the limit lets it go; without a
/// queue it is refused at once. In memory: each replica counts for itself.
/// </summary>
public sealed class RuleGate(ProxyMetrics metrics, TimeProvider time)
{
    // Nobody knows when a place becomes free: soon, or the client should slow down by itself.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(1);

    private readonly RateWindows _rates = new(time);
    private readonly RuleQueues _queues = new(metrics);

    /// <summary>
    /// The admission, to be disposed of when the answer has ended, or why the request is refused. Throws <see cref="OperationCanceledException"/> when the caller went away; what it held is
    /// free again then.
    /// </summary>
    public ValueTask<(Admission? Admission, GateRefusal? Refusal)> EnterAsync(string gateway, Route route, string tenant, CancellationToken cancellationToken) =>
        route is not { Condition: { } condition } || route is { RateLimit: null, Queue: null }
            ? new((Admission.Free, null))
            : new(EnterAsync(gateway, route, condition, tenant, cancellationToken));

    /// <summary>What the rate limit of the route leaves to a tenant now; null where it has none. Takes nothing.</summary>
    public (int Left, TimeSpan Wait)? Foresee(string gateway, Route route, string tenant) =>
        route is { Condition: { } condition, RateLimit: { } limit } ? _rates.Foresee(new RateWindows.Key(gateway, condition, limit, tenant)) : null;

    private async Task<(Admission? Admission, GateRefusal? Refusal)> EnterAsync(string gateway, Route route, string condition, string tenant, CancellationToken cancellationToken)
    {
        var visit = route.Queue is { } settings ? _queues.Visit(gateway, condition, settings) : null;
        Admission? admission = null;
        try
        {
            GateRefusal? refusal;
            (admission, refusal) = await EnterAsync(visit, route.RateLimit is { } limit ? new RateWindows.Key(gateway, condition, limit, tenant) : null, route.Rule!, cancellationToken);
            return (admission, refusal);
        }
        finally
        {
            if (admission is null)
            {
                visit?.Dispose();
            }
        }
    }

    private async Task<(Admission? Admission, GateRefusal? Refusal)> EnterAsync(QueueVisit? visit, RateWindows.Key? rate, string rule, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        DateTimeOffset? granted = null;
        var isIn = false;
        try
        {
            if (rate is not null)
            {
                var (at, wait) = _rates.Take(rate, visit?.Patience ?? TimeSpan.Zero);
                if (wait > (visit?.Patience ?? TimeSpan.Zero))
                {
                    return (null, GateRefusal.RateLimited(rule, rate.Limit, wait));
                }

                granted = at;
                if (wait > TimeSpan.Zero)
                {
                    if (!visit!.TryWait())
                    {
                        return (null, GateRefusal.QueueFull(rule, visit.Settings, wait));
                    }

                    await Task.Delay(wait, time, cancellationToken);
                }
            }

            if (visit is not null && !visit.TryEnter())
            {
                // Before the request counts as waiting: whoever sees it in the queue knows that its time runs.
                var left = visit.Patience - time.GetElapsedTime(started);
                using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
                if (!visit.TryWait())
                {
                    return (null, GateRefusal.QueueFull(rule, visit.Settings, SoonAgain));
                }

                if (!await WaitForPlaceAsync(visit, deadline.Token, cancellationToken))
                {
                    return (null, GateRefusal.QueueTimeout(rule, visit.Settings, SoonAgain));
                }
            }

            isIn = true;
            return (new Admission(visit, time.GetElapsedTime(started)), null);
        }
        finally
        {
            if (!isIn && granted is { } unused)
            {
                _rates.Return(rate!, unused);
            }
        }
    }

    private static async Task<bool> WaitForPlaceAsync(QueueVisit visit, CancellationToken deadline, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        try
        {
            await visit.EnterAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>A request that a rule let in, and the place that it holds until it is disposed of. <paramref name="Waited"/>: in the queue.</summary>
public sealed class Admission : IDisposable
{
    private readonly QueueVisit? _visit;

    public Admission(QueueVisit? visit, TimeSpan waited) => (_visit, Waited) = (visit, waited);

    /// <summary>For a request that no rule holds back.</summary>
    public static Admission Free { get; } = new(null, TimeSpan.Zero);

    public TimeSpan Waited { get; }

    public void Dispose() => _visit?.Dispose();
}

/// <summary>Why a rule does not let a request in, and when another try may succeed.</summary>
public sealed record GateRefusal(OpenAiError Error, TimeSpan RetryAfter)
{
    public static GateRefusal RateLimited(string rule, RateLimit limit, TimeSpan wait) => Of(
        "rate_limit_exceeded", $"The rule {rule} lets {limit.Limit} requests through in {limit.Interval} s: try again in {Math.Ceiling(wait.TotalSeconds):0} s.", wait);

    public static GateRefusal QueueFull(string rule, Queue queue, TimeSpan wait) => Of(
        "queue_full", $"All {queue.Depth} places to wait in at the rule {rule} are taken: send fewer requests at once, or try again later.", wait);

    public static GateRefusal QueueTimeout(string rule, Queue queue, TimeSpan wait) => Of(
        "queue_timeout", $"The request waited {queue.Timeout} ms at the rule {rule} without getting its turn: send fewer requests at once, or try again later.", wait);

    private static GateRefusal Of(string code, string message, TimeSpan wait) => new(new OpenAiError(StatusCodes.Status429TooManyRequests, "rate_limit_error", code, message), wait);
}
