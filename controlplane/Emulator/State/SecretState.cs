using System.Text.Json.Serialization;

namespace GatewayOps.Emulator.State;

public enum SecretStatus
{
    Pending,
    Active,
}

/// <summary>A secret with its value. The value is for the data plane alone: no answer, log line or text form carries it.</summary>
public sealed record SecretState
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    [JsonIgnore] public required string Value { get; init; }
    /// <summary>Alphabetical, without repeats.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }
    public string? Comment { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Modified { get; init; }
    public required DateTimeOffset ActiveFrom { get; init; }

    public SecretStatus StatusAt(DateTimeOffset now) => now >= ActiveFrom ? SecretStatus.Active : SecretStatus.Pending;

    public override string ToString() => $"secret {Name}";
}
