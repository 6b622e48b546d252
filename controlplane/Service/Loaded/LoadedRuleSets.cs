using System.Collections.Frozen;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>
/// The compiled rule sets that this replica serves, one per gateway. Replaced as a whole; a request pins what it got.
/// The only place where the request path and the reconcile path meet.
/// </summary>
public sealed class LoadedRuleSets
{
    private volatile Snapshot _snapshot = new([], []);

    /// <summary>False until the active revisions have been read once; the service accepts no request before.</summary>
    public bool IsLoaded { get; private set; }

    public IReadOnlyCollection<CompiledRuleSet> All => _snapshot.ByGateway.Values;

    /// <summary>Gateways whose active revisions cannot be compiled, with the reason; they keep what they had.</summary>
    public IReadOnlyDictionary<string, string> Failures => _snapshot.Failures;

    public CompiledRuleSet For(string gateway) =>
        _snapshot.ByGateway.TryGetValue(gateway, out var compiled) ? compiled : CompiledRuleSet.Empty(gateway);

    public void Replace(IEnumerable<CompiledRuleSet> compiled, IReadOnlyDictionary<string, string>? failures = null)
    {
        _snapshot = new Snapshot(compiled, failures ?? new Dictionary<string, string>());
        IsLoaded = true;
    }

    private sealed class Snapshot(IEnumerable<CompiledRuleSet> compiled, IEnumerable<KeyValuePair<string, string>> failures)
    {
        public FrozenDictionary<string, CompiledRuleSet> ByGateway { get; } = compiled.ToFrozenDictionary(set => set.Gateway);

        public FrozenDictionary<string, string> Failures { get; } = failures.ToFrozenDictionary();
    }
}
