namespace GatewayOps.Cloudflare;

/// <summary>
/// What the client takes for granted where Cloudflare's documents are silent or contradict each other: one member each, so that one edit, or one option,
/// turns it. The section is that of the Cloudflare contract.
/// </summary>
public sealed record Assumptions
{
    /// <summary>Section 1.3: a create of a gateway that times out (504) or whose answer is lost may yet have been done, so it is looked up. False: reported at once.</summary>
    public bool GatewayMayExistAfterTimeout { get; init; } = true;

    /// <summary>Section 1.5: filters of logs go as one JSON array. False: as the SDK's repeated `filters.key`, `filters.operator`, `filters.value`.</summary>
    public bool FiltersAsJson { get; init; } = true;

    /// <summary>Section 4.1: how long a secret stays pending at most. A provider config that refers to it is tried that long.</summary>
    public TimeSpan SecretActivation { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Section 5.1: an edge `fallback` that a stored graph lacks leads to its first `end` when it is written back, which stops the route as its absence did. False: it is left out.</summary>
    public bool FallbackLeadsToEnd { get; init; } = true;

    /// <summary>Section 15: the type of a dataset's filter is `Account{Dataset}Filter_InputObject`, as it is documented for aiGatewayRequestsAdaptiveGroups.</summary>
    public Func<string, string> FilterTypeOf { get; init; } = dataset => $"Account{char.ToUpperInvariant(dataset[0])}{dataset[1..]}Filter_InputObject";

    /// <summary>Section 16: the states of a batch that is not yet done.</summary>
    public IReadOnlyList<string> BatchPending { get; init; } = ["queued", "running"];

    /// <summary>Section 3: where an account has its AI Gateway logs in Workers Observability, the dataset that holds them. Empty: all datasets are asked.</summary>
    public IReadOnlyList<string> TelemetryDatasets { get; init; } = [];
}
