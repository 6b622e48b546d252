using GatewayOps.Cli.Models;
using GatewayOps.Client;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Batch;

/// <summary>
/// Asks for one item until it is answered, or failed for good. A 429 makes every worker wait; what passes by itself is tried again after 1, 2, 4 s and up to a fifth more; what every other line would
/// meet, too, stops the run. Thread-safe.
/// </summary>
public sealed class Asker(IChatClient chat, string provider, string model, BatchSettings settings, PrefixMemory? prefixes, PriceTable prices, Throttle throttle, TimeProvider time)
{
    /// <summary>A line that is refused as often while others pass asks for more than the limit allows at all.</summary>
    public const int MostRefusals = 10;

    /// <summary>Longer than this nobody waits with a terminal open: the run stops, and is resumed then.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private int _failedInARow;
    private long _retries;

    /// <summary>Attempts after the first ones, refused ones included.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <exception cref="BatchStoppedException">The run cannot go on.</exception>
    public async Task<BatchAnswer> AskAsync(BatchItem item, CancellationToken cancellationToken)
    {
        var messages = prefixes?.Begin(item) ?? item.Messages;
        var options = new ChatOptions { ModelId = item.Model, Temperature = item.Temperature ?? settings.Temperature, MaxOutputTokens = item.MaxTokens ?? settings.MaxTokens };
        var began = throttle.Now;
        var (refusals, failures) = (0, 0);
        while (true)
        {
            await throttle.WaitAsync(cancellationToken);
            var sent = throttle.Now;
            try
            {
                var response = await chat.GetResponseAsync(messages, options, cancellationToken);
                throttle.Answered();
                Interlocked.Exchange(ref _failedInARow, 0);
                return Answered(item, response);
            }
            catch (GatewayRateLimitedException e)
            {
                if (e.RetryAfter > LongestWait)
                {
                    throw new BatchStoppedException($"{e.Message} That is too long to wait for.");
                }

                throttle.Refused(sent, e.RetryAfter);
                if (++refusals >= MostRefusals)
                {
                    return Failed(item, e, refusals + failures, began);
                }
            }
            catch (GatewayException e) when (FailureKind.IsPassing(e) && failures < settings.Retries)
            {
                var wait = TimeSpan.FromSeconds(1 << failures++) * (1 + (0.2 * Random.Shared.NextDouble()));
                await Task.Delay(wait, time, cancellationToken);
            }
            catch (GatewayException e)
            {
                return Failed(item, e, refusals + failures + 1, began);
            }

            Interlocked.Increment(ref _retries);
        }
    }

    private BatchAnswer Answered(BatchItem item, ChatResponse response)
    {
        var usage = response.GetGatewayUsage();
        var cost = Costs.Of(usage, Price(item, usage));
        return new BatchAnswer(item.Index, true, OutputLine.Answer(item, response, usage, cost), usage.InputTokens ?? 0, usage.OutputTokens ?? 0, cost);
    }

    // By the model that answered; else by the one that was asked for.
    private ModelPrice? Price(BatchItem item, GatewayUsage usage)
    {
        var asked = item.Model ?? model;
        var by = ProviderCatalogue.SlugOf(usage.Provider) ?? provider;
        return (usage.Model is { } answered ? prices.Find(by, answered) : null) ?? prices.Find(by, asked) ?? prices.Named(asked);
    }

    private BatchAnswer Failed(BatchItem item, GatewayException failure, int attempts, TimeSpan began)
    {
        if (FailureKind.IsOfAll(failure, item))
        {
            throw new BatchStoppedException(failure.Message);
        }

        var kind = FailureKind.Of(failure);
        var isOwn = kind is "refused" or "model_not_found" or "too_large";
        if (isOwn)
        {
            throttle.Answered(); // somebody is there, and answers
        }
        else if (kind is "rate_limited" or "unreachable" && !throttle.AnsweredSince(began))
        {
            throw new BatchStoppedException($"{failure.Message} Nothing was answered meanwhile.");
        }
        else if (Interlocked.Increment(ref _failedInARow) is var row && settings.MaxFailures > 0 && row >= settings.MaxFailures)
        {
            throw new BatchStoppedException($"{row} lines failed one after the other, the last one so: {failure.Message}", "see what is wrong there; --max-failures 0 never stops for it");
        }

        return new BatchAnswer(item.Index, false, OutputLine.Error(item, failure, attempts), 0, 0, null);
    }
}
