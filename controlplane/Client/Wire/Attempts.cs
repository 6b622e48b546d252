using Microsoft.Extensions.Logging;

namespace GatewayOps.Client.Wire;

/// <summary>Sends a request until it is answered, or until the rule says that its failure stands. The limit of time begins anew with each attempt and does not run in between.</summary>
internal sealed class Attempts(RetryRule rule, TimeProvider time, ILogger logger)
{
    /// <param name="attempt">Sends once; throws a <see cref="GatewayException"/> for whatever fails.</param>
    /// <param name="limit">The limit of one attempt; it still runs when the answer is here.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, TimeLimit limit, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            TimeSpan wait;
            limit.Renew();
            try
            {
                return await attempt();
            }
            catch (GatewayException failure)
            {
                failure.Attempts = number;
                if (rule.Wait(failure, number) is not { } found) throw;
                ClientLog.Retrying(logger, failure.Status, number, found.TotalSeconds, failure.RequestId);
                wait = found;
            }
            limit.Pause();
            await Task.Delay(wait, time, cancellationToken);
        }
    }
}
