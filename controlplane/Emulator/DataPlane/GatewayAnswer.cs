using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>The client's side of one request: every way to answer it, and the log row that belongs to each.</summary>
public sealed class GatewayAnswer(HttpContext context, RequestLog log)
{
    private readonly HttpResponse _response = context.Response;

    /// <summary>Cancelled when the client goes away.</summary>
    public CancellationToken Gone => context.RequestAborted;

    public async Task<Attempt> AttemptAsync(IUpstream upstream, UpstreamRequest request, TimeSpan? timeout)
    {
        var draft = log.Begin();
        try
        {
            return await Attempt.SendAsync(upstream, request, timeout, draft, Gone);
        }
        catch (OperationCanceledException)
        {
            log.Write(draft, new LogOutcome(LogOutcome.ClientGone, Success: false, ContentType: null, Body: [], Usage: null));
            throw;
        }
    }

    /// <summary>Takes the headers of a verdict; returns its refusal.</summary>
    public GatewayError? Adopt(GuardVerdict verdict)
    {
        foreach (var (name, value) in verdict.Headers)
            _response.Headers[name] = value;
        return verdict.Refusal;
    }

    /// <summary>An attempt that another one follows.</summary>
    public void Note(Attempt attempt) => log.Write(attempt.Log, attempt.Reply is { } reply ? Plain(reply, attempt.Whole) : Refused(GatewayError.NoAnswer));

    public Task RefuseAsync(GatewayError error) => RefuseAsync(error, log.Begin());

    public async Task RefuseAsync(GatewayError error, LogDraft draft)
    {
        Announce(draft);
        log.Write(draft, Refused(error));
        await error.WriteAsync(_response, Gone);
    }

    public async Task FromCacheAsync(CachedAnswer cached)
    {
        var draft = log.Begin();
        Start(cached.Status, cached.Headers, draft, "HIT");
        var usage = TokenUsage.Read(cached.Body);
        log.Write(draft, new LogOutcome(cached.Status, Success: true, _response.ContentType, cached.Body, usage, Cached: true));
        await WriteWholeAsync(cached.Body);
    }

    /// <param name="missed">The cache was asked and had nothing.</param>
    public async Task FromProviderAsync(Attempt attempt, UpstreamReply reply, bool missed)
    {
        Start(reply.Status, reply.Headers, attempt.Log, missed ? "MISS" : null);
        if (reply.IsEventStream)
        {
            await RelayAsync(attempt, reply);
            return;
        }
        log.Write(attempt.Log, Plain(reply, attempt.Whole));
        await WriteWholeAsync(attempt.Whole);
    }

    /// <summary>Piece by piece, each flushed. A stream that the provider cut is cut for the client too: it never looks finished.</summary>
    private async Task RelayAsync(Attempt attempt, UpstreamReply reply)
    {
        var usage = new StreamedUsage();
        using var kept = new MemoryStream();
        var whole = false;
        try
        {
            await foreach (var piece in attempt.PiecesAsync())
            {
                usage.Watch(piece.Span);
                if (kept.Length <= LogStore.MaxRowBytes) // one piece beyond the limit tells the log that it is too large
                    kept.Write(piece.Span);
                await _response.Body.WriteAsync(piece, Gone);
                await _response.Body.FlushAsync(Gone);
            }
            whole = true;
        }
        catch (UpstreamUnreachableException broken)
        {
            throw new BrokenAnswerException(broken);
        }
        finally
        {
            var status = Gone.IsCancellationRequested ? LogOutcome.ClientGone : reply.Status;
            log.Write(attempt.Log, new LogOutcome(status, whole && reply.IsSuccess, reply.ContentType, kept.ToArray(), usage.Usage));
        }
    }

    private void Start(int status, IReadOnlyList<KeyValuePair<string, string>> headers, LogDraft draft, string? cacheStatus)
    {
        _response.StatusCode = status;
        foreach (var (name, value) in headers)
            if (!name.StartsWith("cf-aig-", StringComparison.OrdinalIgnoreCase) && value.All(sign => sign is >= ' ' and <= '~' or '\t'))
                _response.Headers.Append(name, value);
        if (cacheStatus is not null)
            _response.Headers["cf-aig-cache-status"] = cacheStatus;
        Announce(draft);
    }

    private void Announce(LogDraft draft)
    {
        if (log.IsOn)
            _response.Headers["cf-aig-log-id"] = draft.Id;
    }

    private async Task WriteWholeAsync(byte[] body)
    {
        if (body.Length == 0)
            return;
        _response.ContentLength = body.Length;
        await _response.Body.WriteAsync(body, Gone);
    }

    private static LogOutcome Plain(UpstreamReply reply, byte[] body) =>
        new(reply.Status, reply.IsSuccess, reply.ContentType, body, reply.IsSuccess ? TokenUsage.Read(body) : null);

    private static LogOutcome Refused(GatewayError error) => new(error.Status, Success: false, "application/json", error.Body(), Usage: null);
}
