namespace GatewayOps.Emulator.State;

/// <summary>Everything that the emulator knows: one account, in memory, bounded.</summary>
public sealed class EmulatorState
{
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;
    private volatile Action<World> _start = _ => { };
    private volatile World _world;

    public EmulatorState(EmulatorOptions options, EmulatorClock clock)
    {
        _options = options;
        _clock = clock;
        _world = Started();
    }

    /// <summary>The API tokens of the account and of its user.</summary>
    public TokenStore Tokens => _world.Tokens;

    /// <summary>Raised after a reset, and after a state was taken over, for what other parts keep: faults, recorded requests.</summary>
    public event Action? WasReset;

    /// <summary>Raised for every row that a gateway's log has taken, on the thread of the request: handlers must not block.</summary>
    public event Action<GatewayState, LogRow>? Logged;

    public AccountState Account => _world.Account;

    public AccountState? FindAccount(string id) => _world.Account is var account && account.Id == id ? account : null;

    /// <summary>What the start has beside the seed: every reset goes back to it.</summary>
    public void StartWith(Action<World> fill)
    {
        _start = fill;
        Reset();
    }

    /// <summary>Takes a state over, until the next reset.</summary>
    public void Load(Action<World> fill)
    {
        var world = NewWorld();
        fill(world);
        Become(world);
    }

    /// <summary>An empty account that nobody sees.</summary>
    public World NewWorld() => new(new AccountState(_options, _clock) { Logged = (gateway, row) => Logged?.Invoke(gateway, row) }, new TokenStore(_options, _clock));

    /// <summary>Back to the state after the start. The clock keeps its time.</summary>
    public void Reset() => Become(Started());

    private void Become(World world)
    {
        _world = world;
        WasReset?.Invoke();
    }

    private World Started()
    {
        var world = NewWorld();
        _start(world);
        if (_options.SeedGateway)
            world.Account.AddGateway("openai-compat", GatewayFields.Settled(GatewayFields.Automatic));
        return world;
    }
}
