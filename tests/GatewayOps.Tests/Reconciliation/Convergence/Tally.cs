using System.Collections.Concurrent;
using System.Text;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>How often each kind really happened: a fault that met no call, or a kill at a point that was not reached, is not counted.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public void Add(string kind) => _counts.AddOrUpdate(kind, 1, (_, before) => before + 1);

    /// <summary>Those of <paramref name="kinds"/> that never happened.</summary>
    public IReadOnlyList<string> Missing(IReadOnlyList<Kind> kinds) => [.. kinds.Select(kind => kind.Name).Where(name => !_counts.ContainsKey(name))];

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var group in Kinds.All.GroupBy(kind => kind.Group))
        {
            text.AppendLine($"{group.Key}");
            foreach (var kind in group)
            {
                text.AppendLine($"  {kind.Name,-42} {_counts.GetValueOrDefault(kind.Name),6}");
            }
        }

        return text.ToString();
    }
}
