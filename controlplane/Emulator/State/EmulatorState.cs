namespace GatewayOps.Emulator.State;

/// <summary>Everything that the emulator knows: one account, in memory, bounded.</summary>
public sealed class EmulatorState
{
    private readonly EmulatorOptions _options;
    private readonly EmulatorClock _clock;
    private volatile AccountState _account;
    private volatile TokenStore _tokens;

    public EmulatorState(EmulatorOptions options, EmulatorClock clock)
    {
        _options = options;
        _clock = clock;
        _account = NewAccount();
        _tokens = new TokenStore(options, clock);
    }

    /// <summary>The API tokens of the account and of its user.</summary>
    public TokenStore Tokens => _tokens;

    /// <summary>Raised after a reset, for state that other parts keep: faults, recorded requests.</summary>
    public event Action? WasReset;

    /// <summary>Raised for every row that a gateway's log has taken, on the thread of the request: handlers must not block.</summary>
    public event Action<GatewayState, LogRow>? Logged;

    public AccountState Account => _account;

    public AccountState? FindAccount(string id) => _account is var account && account.Id == id ? account : null;

    /// <summary>Back to the state after the start. The clock keeps its time.</summary>
    public void Reset()
    {
        _account = NewAccount();
        _tokens = new TokenStore(_options, _clock);
        WasReset?.Invoke();
    }

    private AccountState NewAccount()
    {
        var account = new AccountState(_options, _clock) { Logged = (gateway, row) => Logged?.Invoke(gateway, row) };
        if (_options.SeedGateway)
            account.AddGateway("openai-compat", GatewayFields.Settled(GatewayFields.Automatic));
        return account;
    }
}
