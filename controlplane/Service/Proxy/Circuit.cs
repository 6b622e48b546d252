namespace GatewayOps.ControlPlane.Proxy;

public enum CircuitState
{
    /// <summary>The provider answers, as far as is known.</summary>
    Closed,

    /// <summary>It failed for long enough to be tried again, by one request at a time.</summary>
    HalfOpen,

    /// <summary>It failed again and again, and is left alone for a while.</summary>
    Open,
}

/// <summary>
/// Whether one provider is worth asking. Closed until it fails often enough in a row; then open for a while; then half-open: one request at a time finds out. Any answer closes it.
/// Times are of the clock's timestamps, so that a correction of the machine's time changes nothing.
/// </summary>
public sealed class Circuit(int failures, TimeSpan openFor, TimeProvider time)
{
    private readonly Lock _lock = new();
    private int _failed;
    private int _cut;
    private long _openedAt;
    private bool _isProbed;

    public CircuitState State
    {
        get
        {
            lock (_lock)
            {
                return _failed < failures ? CircuitState.Closed : Left() > TimeSpan.Zero ? CircuitState.Open : CircuitState.HalfOpen;
            }
        }
    }

    /// <summary>How long until it is tried again; zero where it may be tried now.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                return _failed < failures || Left() < TimeSpan.Zero ? TimeSpan.Zero : Left();
            }
        }
    }

    /// <summary>
    /// Whether a request may ask the provider. <paramref name="isProbe"/>: it is the one that finds out, and until it reports (<see cref="Answered"/>, <see cref="Failed"/>,
    /// <see cref="Undecided"/>) no other may.
    /// </summary>
    public bool TryEnter(out bool isProbe)
    {
        lock (_lock)
        {
            isProbe = _failed >= failures && Left() <= TimeSpan.Zero && !_isProbed;
            _isProbed |= isProbe;
            return isProbe || _failed < failures;
        }
    }

    public void Answered(bool isProbe)
    {
        lock (_lock)
        {
            _failed = 0;
            _isProbed &= !isProbe;
        }
    }

    public void Failed(bool isProbe)
    {
        lock (_lock)
        {
            // Requests that were under way when it opened, or that had no other choice, do not keep it open for longer.
            var opens = isProbe || (_failed < failures && ++_failed == failures);
            _openedAt = opens ? time.GetTimestamp() : _openedAt;
            _isProbed &= !isProbe;
        }
    }

    /// <summary>An answer came to its end.</summary>
    public void Whole()
    {
        lock (_lock)
        {
            _cut = 0;
        }
    }

    /// <summary>
    /// A stream broke off. Its beginning was an answer, so that it is counted apart: so many without a whole answer between open it, and when it has been tried again, the next one does.
    /// </summary>
    public void Cut()
    {
        lock (_lock)
        {
            if (++_cut >= failures)
            {
                _cut = failures - 1;
                _openedAt = _failed < failures ? time.GetTimestamp() : _openedAt;
                _failed = failures;
            }
        }
    }

    /// <summary>The request ended without telling anything about the provider.</summary>
    public void Undecided(bool isProbe)
    {
        lock (_lock)
        {
            _isProbed &= !isProbe;
        }
    }

    private TimeSpan Left() => openFor - time.GetElapsedTime(_openedAt);
}
