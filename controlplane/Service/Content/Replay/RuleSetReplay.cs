using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Content.Replay;

/// <summary>Which records are replayed: those of one gateway, or of all that the candidate targets or leaves.</summary>
public sealed record ReplayScope(string? Gateway, DateTimeOffset Since, DateTimeOffset Until, int Limit);

/// <summary>Replays recorded requests against a candidate in the place of its rule set's active revision.</summary>
public sealed class RuleSetReplay(IDbContextFactory<GatewayOpsDb> databases, Activations activations, RecordedRequests records)
{
    /// <summary>The answer, or every reason why the candidate does not go together with what is active. Throws <see cref="UnreadableRevisionException"/>.</summary>
    public async Task<(ReplayAnswer? Answer, IReadOnlyList<RuleSetError> Errors)> ReplayAsync(Revision candidate, ReplayScope scope, CancellationToken cancellationToken)
    {
        var gateways = new Dictionary<string, ReplayTables>();
        var errors = new List<RuleSetError>();
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            foreach (var gateway in await GatewaysAsync(db, candidate, scope, cancellationToken))
            {
                var active = await activations.ActiveRevisionsAsync(db, gateway, cancellationToken);
                var before = RuleSetCompiler.Compile(gateway, active);
                var after = RuleSetCompiler.Compile(gateway, With(candidate, active, gateway));
                errors.AddRange(after.Errors.Concat(before.Errors));
                if (before.IsValid && after.IsValid)
                {
                    gateways[gateway] = new ReplayTables(before.RuleSet.Routes, after.RuleSet.Routes);
                }
            }
        }

        if (errors.Count > 0)
        {
            return (null, [.. errors.Distinct()]);
        }

        var comparison = new ReplayComparison(gateways);
        await foreach (var request in records.ReadAsync(gateways.Keys, scope.Since, scope.Until, scope.Limit, cancellationToken))
        {
            comparison.Add(request);
        }

        return (comparison.ToAnswer(), []);
    }

    private async Task<IReadOnlyList<string>> GatewaysAsync(GatewayOpsDb db, Revision candidate, ReplayScope scope, CancellationToken cancellationToken) => scope.Gateway is { } one
        ? [one]
        : [.. activations.GatewaysOf(candidate.Document)
            .Union(await Activations.Newest(db).Where(activation => activation.RuleSet == candidate.Id.RuleSet).Select(activation => activation.Gateway).ToListAsync(cancellationToken))];

    private IReadOnlyList<Revision> With(Revision candidate, IReadOnlyList<Revision> active, string gateway) =>
        [.. active.Where(revision => revision.Id.RuleSet != candidate.Id.RuleSet), .. activations.GatewaysOf(candidate.Document).Contains(gateway) ? [candidate] : Array.Empty<Revision>()];
}
