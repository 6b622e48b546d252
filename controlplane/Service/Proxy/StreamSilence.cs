using System.Buffers;
using System.IO.Pipelines;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What happens while an upstream says nothing: the client is told by comments that the stream goes on, and after too long it does not. One timer for a stream, which is set when it rings and not
/// for each event. It writes to the client only between <see cref="Begin"/> and <see cref="EndAsync"/>, when nobody else does.
/// </summary>
internal sealed class StreamSilence : IDisposable
{
    private static readonly byte[] Comment = ": keep-alive\n\n"u8.ToArray();

    private readonly PipeWriter _client;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _most;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _over;
    private readonly ITimer _timer;
    private long _since;
    private int _told;
    private bool _isSilent;
    private Task? _telling;

    /// <param name="client">Gets the comments.</param>
    /// <param name="interval">Between comments.</param>
    /// <param name="most">The longest silence.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends every wait.</param>
    public StreamSilence(PipeWriter client, TimeSpan interval, TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        (_client, _interval, _most, _time) = (client, interval, most, time);
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = time.CreateTimer(static state => ((StreamSilence)state!).Ring(), this, Sooner(interval, most), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the silence was too long, or nobody listens.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>The client is gone, as far as writing to it tells.</summary>
    public bool IsUnheard { get; private set; }

    /// <summary>The upstream is waited for.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            (_since, _told, _isSilent) = (_time.GetTimestamp(), 0, true);
        }
    }

    /// <summary>It is not; completes when a comment on its way is out.</summary>
    public ValueTask EndAsync()
    {
        lock (_lock)
        {
            _isSilent = false;
            return _telling is { IsCompleted: false } ? new ValueTask(_telling) : ValueTask.CompletedTask;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isSilent = false;
        }

        _timer.Dispose();
        _over.Dispose();
    }

    private void Ring()
    {
        lock (_lock)
        {
            if (!_isSilent)
            {
                Set(Sooner(_interval, _most));
                return;
            }

            var (silent, due) = (_time.GetElapsedTime(_since), (_told + 1) * _interval);
            if (silent >= _most)
            {
                _ = _over.CancelAsync();
                return;
            }

            if (silent < due)
            {
                Set(Sooner(due, _most) - silent);
                return;
            }

            _told++;

            // A client that does not take the last one gets no further.
            if (_telling is null or { IsCompleted: true })
            {
                _telling = TellAsync();
            }

            Set(Sooner(_interval, _most - silent));
        }
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task TellAsync()
    {
        try
        {
            _client.Write(Comment);
            var flushed = await _client.FlushAsync(_over.Token);
            IsUnheard |= flushed.IsCompleted || flushed.IsCanceled;
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
            IsUnheard = true;
        }

        if (IsUnheard)
        {
            await _over.CancelAsync();
        }
    }

    private void Set(TimeSpan due)
    {
        try
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // It rang while the stream ended.
        }
    }
}
