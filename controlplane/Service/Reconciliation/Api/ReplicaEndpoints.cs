using GatewayOps.ControlPlane.Access;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary><paramref name="Now"/>: when this was asked, to compare `seenAt` with.</summary>
public sealed record ReplicaListAnswer(IReadOnlyList<ReplicaListItem> Replicas, DateTimeOffset Now);

/// <summary><paramref name="Loaded"/>: label of what it serves by gateway. <paramref name="Behind"/>: the gateways for which that is not what is desired.</summary>
public sealed record ReplicaListItem(string Id, string Build, DateTimeOffset StartedAt, DateTimeOffset SeenAt, IReadOnlyDictionary<string, string> Loaded, IReadOnlyList<string> Behind);

/// <summary>`replicas`.</summary>
public static class ReplicaEndpoints
{
    public static void MapReplicas(this RouteGroupBuilder api) =>
        api.MapGet("/replicas", async (GatewayQueries queries, TimeProvider time, CancellationToken cancellationToken) => TypedResults.Ok(new ReplicaListAnswer(
                [.. (await queries.ReplicasAsync(cancellationToken)).Select(entry => new ReplicaListItem(
                    entry.Replica.Id, entry.Replica.Build, entry.Replica.StartedAt, entry.Replica.SeenAt, entry.Replica.Loaded, entry.Behind))],
                time.GetUtcNow())))
            .RequireOperator(OperatorScope.Read).WithTags("Replicas").WithSummary("The running replicas, and what each has loaded.");
}
