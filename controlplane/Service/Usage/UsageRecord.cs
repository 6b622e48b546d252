namespace GatewayOps.ControlPlane.Usage;

/// <summary>One finished request through the proxy, on its way to the table request_records. Never holds a token, a prompt or an answer.</summary>
public sealed record UsageRecord
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string RequestId { get; init; }
    public required string Method { get; init; }

    /// <summary>Without the query.</summary>
    public required string Path { get; init; }
    public required string Gateway { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }

    /// <summary>What rules were matched by, before `providers` and fallback chose others; null for a request that was refused before.</summary>
    public string? AskedModel { get; init; }
    public string? AskedProvider { get; init; }
    public string? SessionId { get; init; }
    public string? VirtualKey { get; init; }
    public required int Status { get; init; }

    /// <summary>One of <see cref="Outcomes"/>.</summary>
    public required string Outcome { get; init; }
    public required TimeSpan Duration { get; init; }
    public TimeSpan? FirstByte { get; init; }
    public required bool Stream { get; init; }

    /// <summary>hit, miss or bypass.</summary>
    public required string Cache { get; init; }
    public TokenUsage? Tokens { get; init; }

    /// <summary>US dollars; 0 from the cache; null where tokens or price are not known.</summary>
    public decimal? CostUsd { get; init; }
    public required int Attempts { get; init; }
    public required string Revision { get; init; }
    public string? Rule { get; init; }

    /// <summary>Whether it was the first for a while to its model at this replica, whose provider may have had to load it.</summary>
    public bool IsCold { get; init; }
}
