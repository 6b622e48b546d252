namespace GatewayOps.ControlPlane.Storage;

/// <summary>Who this replica is, in every row that says who did it: the machine's name and a random part, so that no two processes share one, nor a process with its restart.</summary>
public sealed class ReplicaId
{
    public string Value { get; } = $"{Environment.MachineName.ToLowerInvariant()}-{Guid.NewGuid():N}"[..Math.Min(Environment.MachineName.Length + 9, 60)];

    public override string ToString() => Value;
}
