using System.Runtime.InteropServices;

namespace GatewayOps.Cli.Chat;

/// <summary>Ctrl-C ends the answer that is coming; where none is, or a second time, the conversation.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly PosixSignalRegistration _registration;
    private readonly CancellationTokenSource _all;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answer;

    public Interrupts(CancellationToken cancellationToken)
    {
        _all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            Interrupt();
        });
    }

    /// <summary>Cancelled when the conversation is to end.</summary>
    public CancellationToken All => _all.Token;

    /// <summary>From here on an interrupt is for the answer.</summary>
    public CancellationTokenSource BeginAnswer()
    {
        lock (_gate)
        {
            return _answer = CancellationTokenSource.CreateLinkedTokenSource(_all.Token);
        }
    }

    public void EndAnswer()
    {
        lock (_gate)
        {
            _answer?.Dispose();
            _answer = null;
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _all.Dispose();
    }

    // Outside of the lock: what was waited for goes on within Cancel.
    private void Interrupt()
    {
        CancellationTokenSource ended;
        lock (_gate)
        {
            ended = _answer is { IsCancellationRequested: false } answer ? answer : _all;
        }

        try
        {
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came to its end just now.
        }
    }
}
