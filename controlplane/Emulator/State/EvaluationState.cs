using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>A selection of a gateway's logs (contract section 6). `Filters` is the array as it was sent; a row belongs to it when all of them hold.</summary>
public sealed record DatasetState(string Id, string Name, bool Enable, JsonElement Filters, DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt);

/// <summary>
/// What was measured of the logs of some datasets when the evaluation was created; later logs need another one. It shows from `ProcessedAt` on.
/// </summary>
public sealed record EvaluationState
{
    public required string Id { get; init; }
    /// <summary>Unique in the gateway.</summary>
    public required string Name { get; init; }
    /// <summary>As they were at the creation: a dataset may be changed or deleted afterwards.</summary>
    public required IReadOnlyList<DatasetState> Datasets { get; init; }
    /// <summary>Rows of all the datasets, each counted once.</summary>
    public required int TotalLogs { get; init; }
    public required IReadOnlyList<EvaluationResult> Results { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ProcessedAt { get; init; }
}

/// <summary>One measure. `Logs` are the rows that have what it measures.</summary>
public sealed record EvaluationResult(string Id, string TypeId, decimal Value, int Logs);
