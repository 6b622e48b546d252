using System.Collections.Concurrent;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy.Caching;

/// <summary>
/// Answers attempts that a rule makes cacheable without asking twice. Of identical requests under way at once, one asks and the others wait for its answer; what providers in direct
/// mode answered is kept here (the gateway keeps the rest). Streams are kept when they were whole, and not waited for: their callers want the first token now, not the last.
/// </summary>
/// <remarks>
/// Nobody fails or leaves with another: where the one that asks fails, is refused or goes away, those that waited ask each for themselves, and one that goes away while it waits changes
/// nothing for the rest. Waiting is within the attempt's own time.
/// </remarks>
public sealed class CachingUpstream(IUpstream next, AnswerCache cache, TimeProvider time) : IUpstream
{
    private readonly ConcurrentDictionary<AnswerKey, Flight> _flights = new();

    public Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) => request.Cache is { Key: { } key, Ttl: var ttl }
        ? SendAsync(new AnswerKey(request.Gateway, key), ttl, request, cancellationToken)
        : next.SendAsync(request, cancellationToken);

    private async Task<UpstreamAnswer> SendAsync(AnswerKey key, TimeSpan ttl, UpstreamRequest request, CancellationToken cancellationToken)
    {
        if (Kept(key, request) is { } kept)
        {
            return kept.ToAnswer(time);
        }

        if (request.Stream)
        {
            return await AskAsync(key, ttl, request, flight: null, cancellationToken);
        }

        var own = new Flight();
        var flight = _flights.GetOrAdd(key, own);
        if (flight != own)
        {
            return await flight.Answer.WaitAsync(cancellationToken) is { } shared
                ? shared.ToAnswer(time)
                : await AskAsync(key, ttl, request, flight: null, cancellationToken);
        }

        // The one before may have ended between the look into the cache and here.
        if (Kept(key, request) is { } late)
        {
            End(key, own, late);
            return late.ToAnswer(time);
        }

        return await AskAsync(key, ttl, request, own, cancellationToken);
    }

    private async Task<UpstreamAnswer> AskAsync(AnswerKey key, TimeSpan ttl, UpstreamRequest request, Flight? flight, CancellationToken cancellationToken)
    {
        UpstreamAnswer? answer = null;
        try
        {
            answer = await next.SendAsync(request, cancellationToken);
            answer.CacheStatus = request.Provider.IsDirect ? "miss" : answer.CacheStatus;
            if (flight is not null || request.Provider.IsDirect)
            {
                answer.Keeper = new Keeper(answer, whole =>
                {
                    if (whole is not null && request.Provider.IsDirect)
                    {
                        cache.Keep(key, whole, ttl);
                    }

                    End(key, flight, whole);
                });
            }

            return answer;
        }
        finally
        {
            if (answer is null)
            {
                End(key, flight, whole: null);
            }
        }
    }

    private KeptAnswer? Kept(AnswerKey key, UpstreamRequest request) => request.Provider.IsDirect ? cache.Find(key) : null;

    // First nobody joins any more, then those that wait go on.
    private void End(AnswerKey key, Flight? flight, KeptAnswer? whole)
    {
        if (flight is not null)
        {
            _flights.TryRemove(KeyValuePair.Create(key, flight));
            flight.End(whole);
        }
    }

    /// <summary>One request that asks, for all that ask the same meanwhile.</summary>
    private sealed class Flight
    {
        private readonly TaskCompletionSource<KeptAnswer?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null where there is no answer to share.</summary>
        public Task<KeptAnswer?> Answer => _answer.Task;

        public void End(KeptAnswer? answer) => _answer.TrySetResult(answer);
    }

    /// <summary>Gathers a body as it is read, and tells once what came of it.</summary>
    private sealed class Keeper(UpstreamAnswer answer, Action<KeptAnswer?> end) : IAnswerKeeper
    {
        // The gateway keeps no larger answer either. Source: Cloudflare contract, section 14 (Caching).
        private const int Most = 25_000_000;

        private readonly MemoryStream _body = new();
        private bool _isTooLarge;
        private bool _ended;

        public void Take(ReadOnlySpan<byte> piece)
        {
            _isTooLarge |= _body.Length + piece.Length > Most;
            if (!_isTooLarge)
            {
                _body.Write(piece);
            }
        }

        public void Whole() => End(answer.Status == StatusCodes.Status200OK && !_isTooLarge ? new KeptAnswer(_body.ToArray(), answer.ContentType) : null);

        public void Dispose() => End(null);

        private void End(KeptAnswer? whole)
        {
            if (!_ended)
            {
                _ended = true;
                end(whole);
            }
        }
    }
}
