namespace GatewayOps.ControlPlane.Storage;

/// <summary>A token that was made through the API. Only the digest is kept.</summary>
public abstract class IssuedTokenRow
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] Digest { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? RotatedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Digest that was replaced by a rotation, and until when it still counts.</summary>
    public byte[]? PreviousDigest { get; set; }
    public DateTimeOffset? PreviousUntil { get; set; }
    public uint Version { get; set; }

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;
}

/// <summary>A token of the operator API.</summary>
public sealed class OperatorTokenRow : IssuedTokenRow
{
    /// <summary>read, apply or admin.</summary>
    public required string Scope { get; init; }
}

/// <summary>A token of a caller of the proxy. What is null has no bound.</summary>
public sealed class VirtualKeyRow : IssuedTokenRow
{
    public required string Tenant { get; init; }

    /// <summary>Patterns.</summary>
    public string[]? Models { get; init; }
    public string[]? Gateways { get; init; }
    public long? RequestsPerMinute { get; init; }
    public long? TokensPerMinute { get; init; }
    public decimal? BudgetUsd { get; init; }

    /// <summary>day, month, or seconds; null without a budget.</summary>
    public string? BudgetWindow { get; init; }
}

/// <summary>What one replica has claimed and used of one allowance of a virtual key, in one window. Only that replica writes the row.</summary>
public sealed class KeyClaimRow
{
    public required Guid KeyId { get; init; }

    /// <summary>requests, tokens or usd.</summary>
    public required string Kind { get; init; }
    public required DateTimeOffset WindowStart { get; init; }
    public required string Replica { get; init; }
    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>Settled, and held by requests under way.</summary>
    public required decimal Used { get; set; }

    /// <summary>What the others must leave to this replica; at least <see cref="Used"/>.</summary>
    public required decimal Claimed { get; set; }
}

/// <summary>A replica that claims shares of the keys' allowances. By the database's clock.</summary>
public sealed class KeyReplicaRow
{
    public required string Replica { get; init; }
    public required DateTimeOffset SeenAt { get; set; }
}
