namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// Turns within one replica, by gateway. Whoever waits for a gateway in the database holds a connection meanwhile, and a pool full of waiters would leave none
/// to the one that they wait for: so one at a time waits there, and the others here.
/// </summary>
internal sealed class LocalTurns
{
    private readonly Dictionary<string, Turn> _turns = [];

    /// <summary>Null when it was not this caller's turn within <paramref name="patience"/>. Disposing gives the turn to the next.</summary>
    public async Task<IDisposable?> EnterAsync(string gateway, TimeSpan patience, CancellationToken cancellationToken)
    {
        Turn? turn;
        lock (_turns)
        {
            if (!_turns.TryGetValue(gateway, out turn))
            {
                _turns[gateway] = turn = new Turn(this, gateway);
            }

            turn.Users++;
        }

        var entered = false;
        try
        {
            entered = await turn.Gate.WaitAsync(patience, cancellationToken);
            return entered ? turn : null;
        }
        finally
        {
            if (!entered)
            {
                Leave(turn);
            }
        }
    }

    // What nobody waits for is forgotten: gateways come and go.
    private void Leave(Turn turn)
    {
        lock (_turns)
        {
            if (--turn.Users == 0)
            {
                _turns.Remove(turn.Gateway);
                turn.Gate.Dispose();
            }
        }
    }

    private sealed class Turn(LocalTurns turns, string gateway) : IDisposable
    {
        public string Gateway => gateway;

        public SemaphoreSlim Gate { get; } = new(1);

        public int Users { get; set; }

        public void Dispose()
        {
            Gate.Release();
            turns.Leave(this);
        }
    }
}
