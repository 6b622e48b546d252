using System.Diagnostics;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>One try at a provider: a whole plain answer, an event stream whose first piece has come, or no answer.</summary>
public sealed class Attempt : IAsyncDisposable
{
    /// <summary>Plain answers are held whole, for the cache, the usage and the log; a larger one counts as no answer.</summary>
    public const int MostPlainBytes = 100 * 1024 * 1024;

    private readonly CancellationTokenSource _patience;
    private bool _held;
    private UpstreamReply? _reply;
    private IAsyncEnumerator<ReadOnlyMemory<byte>>? _pieces;

    private Attempt(LogDraft log, CancellationToken cancellationToken)
    {
        Log = log;
        _patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    public LogDraft Log { get; }

    /// <summary>Null when no answer came.</summary>
    public UpstreamReply? Reply { get; private set; }

    /// <summary>No answer came in the time that the request allows.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>The body of a plain answer, or of an event stream that was held.</summary>
    public byte[] Whole { get; private set; } = [];

    /// <summary>A try that failed before anything was passed on and that another one may heal.</summary>
    public bool IsRetriable => Reply is null || Reply.Status is 408 or 429 or >= 500;

    /// <param name="timeout">To the first byte; null waits as long as the client does.</param>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public static async Task<Attempt> SendAsync(
        IUpstream upstream, UpstreamRequest request, TimeSpan? timeout, LogDraft log, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(log, cancellationToken);
        try
        {
            await attempt.SendAsync(upstream, request, timeout);
            return attempt;
        }
        catch (Exception failed) when (failed is UpstreamUnreachableException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            attempt.Reply = null;
            attempt.TimedOut = failed is OperationCanceledException;
            return attempt;
        }
        catch
        {
            await attempt.DisposeAsync();
            throw;
        }
    }

    /// <summary>The pieces of an event stream, the first one at once.</summary>
    /// <exception cref="UpstreamUnreachableException">The provider broke off.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync()
    {
        if (_held)
        {
            yield return Whole;
            yield break;
        }
        do
            yield return _pieces!.Current;
        while (await _pieces.MoveNextAsync());
    }

    /// <summary>Reads an event stream to its end before any of it is passed on. One that breaks off on the way is no answer.</summary>
    public async Task HoldAsync()
    {
        if (Reply is not { IsEventStream: true } || _held)
            return;
        try
        {
            await ReadWholeAsync(more: true);
            _held = true;
        }
        catch (UpstreamUnreachableException)
        {
            Reply = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pieces is not null)
            await _pieces.DisposeAsync();
        _reply?.Dispose();
        _patience.Dispose();
    }

    private async Task SendAsync(IUpstream upstream, UpstreamRequest request, TimeSpan? timeout)
    {
        if (timeout is { } patience)
            _patience.CancelAfter(patience);
        _reply = await upstream.SendAsync(request, _patience.Token);
        _pieces = _reply.Body.GetAsyncEnumerator(_patience.Token);
        var more = await _pieces.MoveNextAsync();
        _patience.CancelAfter(Timeout.InfiniteTimeSpan);
        Log.FirstByte = Stopwatch.GetTimestamp(); // what the clock's timestamps are: elapsed time is never the emulator's

        if (_reply.IsEventStream && !more)
            throw new UpstreamUnreachableException("The provider sent an event stream without an event.");
        if (!_reply.IsEventStream)
            await ReadWholeAsync(more);
        Reply = _reply;
    }

    private async Task ReadWholeAsync(bool more)
    {
        using var whole = new MemoryStream();
        for (; more; more = await _pieces!.MoveNextAsync())
        {
            if (whole.Length + _pieces!.Current.Length > MostPlainBytes)
                throw new UpstreamUnreachableException("The provider's answer is too large.");
            whole.Write(_pieces.Current.Span);
        }
        Whole = whole.ToArray();
    }
}
