using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// How one call ended: the provider's answer, one from the cache, or the gateway's own error. Whoever asked for it either passes it on or goes to the next
/// provider; in both cases it is settled, which writes its log row. A stream writes its row when it has gone by.
/// </summary>
public sealed class CallAnswer : IAsyncDisposable
{
    private static readonly KeyValuePair<string, string>[] ErrorHeaders = [new("content-type", "application/json")];

    private readonly Attempt? _attempt;
    private readonly UpstreamReply? _stream;
    private Action<string?>? _settle;
    private string? _failedRoute;
    private bool _begun;

    private CallAnswer(int status, IReadOnlyList<KeyValuePair<string, string>> headers, byte[] whole, Attempt? attempt, UpstreamReply? stream)
    {
        Status = status;
        Headers = headers;
        Whole = whole;
        _attempt = attempt;
        _stream = stream;
    }

    /// <summary>For the row of a stream; the others have theirs in <see cref="_settle"/>.</summary>
    private RequestLog? Log { get; init; }

    public int Status { get; }

    /// <summary>The provider's end-to-end headers; of the gateway's own only those that <see cref="GatewayHeaders"/> has.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The body; empty for a stream.</summary>
    public byte[] Whole { get; private set; }

    public bool IsStream => _stream is not null;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>`HIT`, `MISS`, or null where the cache was not asked (contract 18.4).</summary>
    public string? CacheStatus { get; init; }

    /// <summary>Null where nothing is logged.</summary>
    public string? LogId { get; init; }

    /// <summary>The call that was answered; null where it came to none: a provider that does not exist, say.</summary>
    public ProviderCall? Call { get; init; }

    /// <summary>Of a universal request, from 0.</summary>
    public int Step { get; private init; }

    /// <summary>More headers of the gateway: what a guard found, which model a route chose.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> GatewayHeaders { get; private set; } = [];

    /// <summary>Refused before there was anything to log.</summary>
    public static CallAnswer Refused(GatewayError error, int step) => new(error.Status, ErrorHeaders, error.Body(), attempt: null, stream: null) { Step = step };

    /// <param name="usage">Of an answer that was paid for and withheld.</param>
    public static CallAnswer Refused(GatewayError error, ProviderCall call, RequestLog log, LogDraft draft, TokenUsage? usage = null) => new(error.Status, ErrorHeaders, error.Body(), attempt: null, stream: null)
    {
        Call = call,
        Step = call.Step,
        LogId = log.IdOf(draft),
        _settle = route => log.Write(draft, LogOutcome.Refused(error, usage), route),
    };

    public static CallAnswer Cached(CachedAnswer cached, ProviderCall call, RequestLog log, LogDraft draft) => new(cached.Status, cached.Headers, cached.Body, attempt: null, stream: null)
    {
        Call = call,
        Step = call.Step,
        LogId = log.IdOf(draft),
        CacheStatus = "HIT",
        _settle = route => log.Write(draft, LogOutcome.FromCache(cached), route),
    };

    /// <param name="whole">The body as it is passed on: the provider's, unless a guard changed it.</param>
    public static CallAnswer Plain(UpstreamReply reply, byte[] whole, ProviderCall call, RequestLog log, LogDraft draft, bool missed) => new(reply.Status, reply.Headers, whole, attempt: null, stream: null)
    {
        Call = call,
        Step = call.Step,
        LogId = log.IdOf(draft),
        CacheStatus = missed ? "MISS" : null,
        _settle = route => log.Write(draft, LogOutcome.Plain(reply, whole), route),
    };

    public static CallAnswer Streamed(Attempt attempt, UpstreamReply reply, ProviderCall call, RequestLog log) => new(reply.Status, reply.Headers, [], attempt, reply)
    {
        Call = call,
        Step = call.Step,
        LogId = log.IdOf(attempt.Log),
        Log = log,
    };

    /// <summary>What the client sees in the place of the body, where a surface dresses it in a shape of its own. The log keeps the provider's.</summary>
    public void Show(byte[] body) => Whole = body;

    /// <summary>The same answer with the headers of a verdict.</summary>
    public CallAnswer With(GuardVerdict verdict) => With(verdict.Headers);

    public CallAnswer With(IReadOnlyList<KeyValuePair<string, string>> more)
    {
        if (more.Count > 0)
            GatewayHeaders = [.. GatewayHeaders, .. more];
        return this;
    }

    /// <summary>Writes the log row of a plain answer, before anybody sees the answer. A second time it does nothing.</summary>
    /// <param name="failedRoute">The dynamic route that ends with this failure: its row tells the route and no provider (contract 3).</param>
    public void Settle(string? failedRoute = null)
    {
        _failedRoute = failedRoute;
        _settle?.Invoke(failedRoute);
        _settle = null;
    }

    /// <summary>The pieces of a stream, once. The row is written when the reader stops, whatever the reason.</summary>
    /// <exception cref="UpstreamUnreachableException">The provider broke off.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken gone)
    {
        _begun = true;
        var usage = new StreamedUsage();
        using var kept = new MemoryStream();
        var whole = false;
        try
        {
            await foreach (var piece in _attempt!.PiecesAsync().WithCancellation(gone))
            {
                usage.Watch(piece.Span);
                if (kept.Length <= LogStore.MaxRowBytes) // one piece beyond the limit tells the log that it is too large
                    kept.Write(piece.Span);
                yield return piece;
            }
            whole = true;
        }
        finally
        {
            var status = gone.IsCancellationRequested ? LogOutcome.ClientGone : Status;
            Log!.Write(_attempt!.Log, new LogOutcome(status, whole && IsSuccess, _stream!.ContentType, kept.ToArray(), usage.Usage), _failedRoute);
        }
    }

    /// <summary>Settles what nobody settled: a stream that was never read counts as not delivered.</summary>
    public ValueTask DisposeAsync()
    {
        Settle(_failedRoute);
        if (_attempt is null)
            return default;
        if (!_begun)
            Log!.Write(_attempt.Log, new LogOutcome(Status, Success: false, _stream!.ContentType, [], Usage: null), _failedRoute);
        _begun = true;
        return _attempt.DisposeAsync();
    }
}
