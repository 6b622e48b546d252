namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Which upstream is asked next. With fallback every upstream has its turn, in order and then round again; without it only the first is asked.
/// A request costs one attempt and at most <paramref name="retries"/> more. Pure: it does not wait.
/// </summary>
public sealed class AttemptOrder(int upstreams, bool fallback, int retries)
{
    private readonly bool[] _closed = new bool[upstreams];
    private readonly int[] _tries = new int[upstreams];
    private int _made;
    private int _current = -1;

    /// <summary>How often the current upstream was asked before; 0 on its first turn. A turn after that waits.</summary>
    public int Repetition => _tries[_current] - 1;

    public int Made => _made;

    /// <summary>The index of the next upstream, or null when nothing is left. <paramref name="failure"/> is that of the last attempt, null before the first.</summary>
    public int? Next(UpstreamFailure? failure)
    {
        if (failure is { MayRetry: false })
        {
            _closed[_current] = true;
        }

        if (_made > retries || failure is { MayRetry: false, MayFallBack: false })
        {
            return null;
        }

        var reach = fallback ? upstreams : 1;
        for (var step = 1; step <= reach; step++)
        {
            var index = (_current + step) % reach;
            if (_closed[index])
            {
                continue;
            }

            _current = index;
            _tries[index]++;
            _made++;
            return index;
        }

        return null;
    }

    /// <summary>An upstream that was skipped may be asked after all.</summary>
    public void Reopen(int index) => _closed[index] = false;

    /// <summary>The current upstream is not asked after all, and not again: this costs no attempt.</summary>
    public void Skip()
    {
        _closed[_current] = true;
        _tries[_current]--;
        _made--;
    }
}
