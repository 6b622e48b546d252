using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Client;

/// <summary>A background task that failed.</summary>
/// <param name="function">Its name.</param>
/// <param name="exception">Why.</param>
public sealed class BackgroundTaskFailedEventArgs(string function, Exception exception) : EventArgs
{
    /// <summary>The name of the function.</summary>
    public string Function { get; } = function;

    /// <summary>Why it failed.</summary>
    public Exception Exception { get; } = exception;
}

/// <summary>Tasks that models started and that nobody waits for: counted, bounded, and awaited at the end.</summary>
internal sealed class BackgroundTasks(int most, TimeProvider time, ILogger logger, Action<BackgroundTaskFailedEventArgs> failed) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _end = new();
    private bool _closed;

    public int Active
    {
        get
        {
            lock (_lock) return _running.Count;
        }
    }

    /// <summary>False when as many run as may, or the client is at its end.</summary>
    public bool TryStart(AIFunction function, AIFunctionArguments arguments)
    {
        lock (_lock)
        {
            if (_closed || _running.Count >= most)
            {
                ClientLog.BackgroundTaskRefused(logger, function.Name, _running.Count);
                return false;
            }
            // Not with the call's token: the task outlives the call.
            var task = Task.Run(() => RunAsync(function, arguments), CancellationToken.None);
            _running.Add(task);
            _ = task.ContinueWith(Done, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return true;
        }
    }

    /// <summary>True when none is running any more; false when the time passed before.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            Task[] running;
            lock (_lock) running = [.. _running];
            if (running.Length == 0) return true;
            var left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - time.GetElapsedTime(started);
            if (left != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero) return false;
            try
            {
                await Task.WhenAll(running).WaitAsync(left, time, cancellationToken);
                // A task is taken off the list right after its end.
                await Task.Yield();
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>Takes no more, waits, and cancels what is left.</summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        lock (_lock) _closed = true;
        if (await WaitAsync(patience, CancellationToken.None)) return;
        ClientLog.BackgroundTasksCancelled(logger, Active);
        await _end.CancelAsync();
    }

    public void Dispose()
    {
        lock (_lock) _closed = true;
        if (Active > 0) ClientLog.BackgroundTasksCancelled(logger, Active);
        _end.Cancel();
    }

    private async Task RunAsync(AIFunction function, AIFunctionArguments arguments)
    {
        try
        {
            await function.InvokeAsync(arguments, _end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // At the end of the client, which has said so in the log.
        }
        catch (Exception e)
        {
            ClientLog.BackgroundTaskFailed(logger, function.Name, e);
            Tell(new BackgroundTaskFailedEventArgs(function.Name, e));
        }
    }

    private void Tell(BackgroundTaskFailedEventArgs failure)
    {
        try
        {
            failed(failure);
        }
        catch (Exception e)
        {
            // Whoever listens fails for himself: the others, and the wait for the tasks, go on.
            ClientLog.BackgroundTaskFailed(logger, failure.Function, e);
        }
    }

    private void Done(Task task)
    {
        lock (_lock) _running.Remove(task);
    }
}
