using System.Collections.Frozen;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>
/// The compiled rule sets that this replica serves, one per gateway. Replaced as a whole; a request pins what it got.
/// The only place where the request path and the reconcile path meet.
/// </summary>
public sealed class LoadedRuleSets
{
    private volatile FrozenDictionary<string, CompiledRuleSet> _byGateway = FrozenDictionary<string, CompiledRuleSet>.Empty;

    /// <summary>False until the active revisions have been read once.</summary>
    public bool IsLoaded { get; private set; }

    public IReadOnlyCollection<CompiledRuleSet> All => _byGateway.Values;

    public CompiledRuleSet For(string gateway) => _byGateway.TryGetValue(gateway, out var compiled) ? compiled : CompiledRuleSet.Empty(gateway);

    public void Replace(IEnumerable<CompiledRuleSet> compiled)
    {
        _byGateway = compiled.ToFrozenDictionary(set => set.Gateway);
        IsLoaded = true;
    }
}
