using System.Text.Json;
using GatewayOps.Emulator.Policies;

namespace GatewayOps.Emulator.State;

/// <summary>What the service gave a gateway at its creation and last update: a restored one keeps it.</summary>
public sealed record GatewayOrigin(string InternalId, DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt);

/// <summary>What one update left: a view that no later update changes.</summary>
/// <param name="Fields">Every settable member as it was sent or defaulted, number texts kept, and unknown members where the options keep them.</param>
/// <param name="CacheGeneration">A cache entry is valid for the generation that it was stored in: an update with `cache_invalidate_on_update` begins a new one.</param>
public sealed record GatewayRevision(JsonElement Fields, GatewaySettings Settings, DateTimeOffset ModifiedAt, long CacheGeneration);

/// <summary>
/// One gateway. The object is its identity: a gateway that is deleted and made again is another one, so what other parts
/// keep for a gateway (cache entries, rate windows) hangs on the object by a ConditionalWeakTable and goes with it.
/// </summary>
public sealed class GatewayState
{
    public const string DefaultId = "default";

    private readonly Lock _lock = new();
    private readonly EmulatorClock _clock;
    private readonly Dictionary<string, ProviderConfigState> _providerConfigs = [];
    private volatile GatewayRevision _revision;

    public GatewayState(string accountId, string id, JsonElement fields, LogStore logs, EmulatorClock clock, TimeSpan policyDelay = default, GatewayOrigin? origin = null)
    {
        AccountId = accountId;
        Id = id;
        Logs = logs;
        Routes = new RouteStore(clock);
        Evaluations = new EvaluationStore(clock);
        Policies = new PolicyStore(clock, policyDelay);
        _clock = clock;
        var now = clock.GetUtcNow();
        (InternalId, CreatedAt, var modified) = origin ?? new GatewayOrigin(Identifier.NewUuid(), now, now);
        _revision = new GatewayRevision(fields, GatewaySettings.Read(fields), modified, CacheGeneration: 0);
    }

    public string AccountId { get; }
    public string Id { get; }
    public string InternalId { get; }
    public DateTimeOffset CreatedAt { get; }
    public LogStore Logs { get; }
    public PolicyStore Policies { get; }

    /// <summary>Told of every row that the log has taken, on the thread of the request: it must not block.</summary>
    public Action<GatewayState, LogRow>? Logged { get; init; }

    /// <summary>Dynamic routes; `Routes.FindDeployed(name)` is what `dynamic/{name}` runs.</summary>
    public RouteStore Routes { get; }

    public EvaluationStore Evaluations { get; }

    /// <summary>One consistent view; take it once for a request.</summary>
    public GatewayRevision Current => _revision;

    public GatewaySettings Settings => _revision.Settings;

    public JsonElement Fields => _revision.Fields;

    public DateTimeOffset ModifiedAt => _revision.ModifiedAt;

    public long CacheGeneration => _revision.CacheGeneration;

    /// <summary>In order of creation.</summary>
    public IReadOnlyList<ProviderConfigState> ProviderConfigs
    {
        get
        {
            lock (_lock)
                return [.. _providerConfigs.Values.OrderBy(config => config.ModifiedAt).ThenBy(config => config.Id)];
        }
    }

    public bool HasProviderConfigs
    {
        get
        {
            lock (_lock)
                return _providerConfigs.Count > 0;
        }
    }

    /// <summary>Replaces all fields: `next` sees the current ones and returns settled fields.</summary>
    public GatewayRevision Update(Func<JsonElement, JsonElement> next)
    {
        lock (_lock)
        {
            var fields = next(_revision.Fields);
            var settings = GatewaySettings.Read(fields);
            return _revision = new GatewayRevision(fields, settings, _clock.GetUtcNow(), _revision.CacheGeneration + (settings.CacheInvalidateOnUpdate ? 1 : 0));
        }
    }

    /// <summary>Stores a log row as the gateway's log management says. Whether the request is logged at all is the caller's decision.</summary>
    public bool AddLog(LogRow row)
    {
        var settings = Settings;
        if (!Logs.Add(row, settings.LogManagement, settings.DeleteOldestLogs))
            return false;
        Logged?.Invoke(this, row);
        return true;
    }

    /// <summary>Stores rows that were no requests of now: nobody is told of them. How many the log took.</summary>
    public int ImportLogs(IEnumerable<LogRow> rows)
    {
        var settings = Settings;
        return Logs.Import(rows, settings.LogManagement, settings.DeleteOldestLogs);
    }

    public ProviderConfigState? FindProviderConfig(string providerSlug, string alias) =>
        ProviderConfigs.FirstOrDefault(config => config.ProviderSlug == providerSlug && config.Alias == alias);

    /// <summary>One configuration per provider and alias: false when there is one.</summary>
    public bool AddProviderConfig(ProviderConfigState config)
    {
        lock (_lock)
        {
            if (_providerConfigs.Values.Any(other => other.ProviderSlug == config.ProviderSlug && other.Alias == config.Alias))
                return false;
            _providerConfigs.Add(config.Id, config);
            return true;
        }
    }

    public ProviderConfigState? RemoveProviderConfig(string id)
    {
        lock (_lock)
            return _providerConfigs.Remove(id, out var config) ? config : null;
    }
}
