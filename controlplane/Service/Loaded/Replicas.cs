using System.Text.Json;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>A running replica, with the label of what it serves by gateway. A gateway that is not in <paramref name="Loaded"/> is served by no rule set.</summary>
public sealed record Replica(string Id, string Build, DateTimeOffset StartedAt, DateTimeOffset SeenAt, IReadOnlyDictionary<string, string> Loaded)
{
    /// <summary>Label of the revisions that it serves for a gateway; `none` for none.</summary>
    public string RevisionOf(string gateway) => Loaded.GetValueOrDefault(gateway, "none");
}

/// <summary>What one replica serves for one gateway.</summary>
public sealed record ReplicaRevision(string Id, string Gateway, string Revision, DateTimeOffset SeenAt);

/// <summary>The replicas that were heard of lately, as their <see cref="Heartbeat"/> tells. By the database's clock: those of the replicas may differ.</summary>
public sealed class Replicas(IDbContextFactory<GatewayOpsDb> databases)
{
    /// <summary>By id.</summary>
    public async Task<IReadOnlyList<Replica>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Replicas.FromSql($"select * from replicas where seen_at > now() - {Heartbeat.Gone}").AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new Replica(row.Id, row.Build, row.StartedAt, row.SeenAt, JsonSerializer.Deserialize<Dictionary<string, string>>(row.Loaded)!));
    }

    /// <summary>What every replica serves for these gateways, by gateway and id.</summary>
    public async Task<IReadOnlyList<ReplicaRevision>> LoadedAsync(IEnumerable<string> gateways, CancellationToken cancellationToken)
    {
        var replicas = await ListAsync(cancellationToken);
        return [.. gateways.SelectMany(gateway => replicas.Select(replica => new ReplicaRevision(replica.Id, gateway, replica.RevisionOf(gateway), replica.SeenAt)))];
    }
}
