namespace GatewayOps.Emulator.State;

public enum Added
{
    Yes,
    AlreadyExists,
    LimitReached,
    /// <summary>What it should be added to was deleted in the meantime.</summary>
    Gone,
}

/// <summary>One Cloudflare account: its gateways and its Secrets Store. Safe for concurrent use; every method is one atomic step.</summary>
public sealed class AccountState(EmulatorOptions options, EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GatewayState> _gateways = [];
    private SecretStoreState? _store;

    public string Id => options.AccountId;

    /// <summary>See <see cref="GatewayState.Logged"/>.</summary>
    public Action<GatewayState, LogRow>? Logged { get; init; }

    /// <summary>What the gateways' logs share.</summary>
    public AccountLogs Logs { get; } = new(options, clock);

    /// <summary>What Workers AI keeps for the account.</summary>
    public WorkersAiState WorkersAi { get; } = new(clock);

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<GatewayState> Gateways
    {
        get
        {
            lock (_lock)
                return [.. _gateways.Values.OrderBy(gateway => gateway.CreatedAt).ThenBy(gateway => gateway.Id)];
        }
    }

    /// <summary>Providers that the account added; requests name them as `custom-{slug}`.</summary>
    public CustomProviderStore CustomProviders { get; } = new(clock);

    /// <summary>Credits of Unified Billing.</summary>
    public BillingState Billing { get; } = new(options, clock);

    /// <summary>An account has at most one store (contract section 9).</summary>
    public SecretStoreState? Store
    {
        get
        {
            lock (_lock)
                return _store;
        }
    }

    public GatewayState? FindGateway(string id)
    {
        lock (_lock)
            return _gateways.GetValueOrDefault(id);
    }

    /// <summary>
    /// The gateway for an authenticated data-plane request: `default` comes into being when it is first named (contract section 2.2),
    /// unless the account is full; any other id must exist.
    /// </summary>
    public GatewayState? FindOrCreateDefault(string id)
    {
        lock (_lock)
        {
            if (_gateways.TryGetValue(id, out var found))
                return found;
            return id == GatewayState.DefaultId && _gateways.Count < options.MaxGateways ? _gateways[id] = NewGateway(id, GatewayFields.Settled(GatewayFields.Automatic)) : null;
        }
    }

    /// <summary>`fields` are settled: see <see cref="GatewayFields.Settled"/>.</summary>
    public (Added Outcome, GatewayState? Gateway) AddGateway(string id, System.Text.Json.JsonElement fields)
    {
        lock (_lock)
        {
            if (_gateways.ContainsKey(id))
                return (Added.AlreadyExists, null);
            if (_gateways.Count >= options.MaxGateways)
                return (Added.LimitReached, null);
            return (Added.Yes, _gateways[id] = NewGateway(id, fields));
        }
    }

    /// <summary>Puts back a gateway of a snapshot, beyond the limit too. Null when its id is taken.</summary>
    public GatewayState? RestoreGateway(string id, System.Text.Json.JsonElement fields, GatewayOrigin origin)
    {
        lock (_lock)
            return _gateways.ContainsKey(id) ? null : _gateways[id] = NewGateway(id, fields, origin);
    }

    /// <summary>Takes the gateway away with its logs, stored-key configurations and cache.</summary>
    public GatewayState? RemoveGateway(string id)
    {
        GatewayState? gateway;
        lock (_lock)
            _gateways.Remove(id, out gateway);
        gateway?.Logs.Close();
        return gateway;
    }

    public (Added Outcome, SecretStoreState? Store) AddStore(string name)
    {
        lock (_lock)
        {
            if (_store is not null)
                return (Added.LimitReached, null);
            return (Added.Yes, _store = new SecretStoreState(name, options, clock));
        }
    }

    /// <summary>Puts back the store of a snapshot, without its secrets.</summary>
    public SecretStoreState RestoreStore(string name, string id, DateTimeOffset created)
    {
        lock (_lock)
            return _store = new SecretStoreState(name, options, clock) { Id = id, Created = created };
    }

    public SecretStoreState? FindStore(string? id) => Store is { } store && store.Id == id ? store : null;

    public void RemoveStore(SecretStoreState store)
    {
        lock (_lock)
        {
            if (_store == store)
                _store = null;
        }
    }

    /// <summary>The usable secret behind a stored-key configuration: the gateway's store still has it, and it is active.</summary>
    public SecretState? FindStoredKey(GatewayState gateway, ProviderConfigState config) =>
        FindStore(gateway.Settings.StoreId)?.Find(config.SecretId) is { } secret && secret.StatusAt(clock.GetUtcNow()) == SecretStatus.Active ? secret : null;

    private GatewayState NewGateway(string id, System.Text.Json.JsonElement fields, GatewayOrigin? origin = null) => new(Id, id, fields, Logs.NewStore(), clock, options.PolicyDelay, origin) { Logged = Logged };
}
