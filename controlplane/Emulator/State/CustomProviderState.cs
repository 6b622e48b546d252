namespace GatewayOps.Emulator.State;

/// <summary>A provider that the account added (contract section 4.2). Requests name it as `custom-{slug}`.</summary>
public sealed record CustomProviderState
{
    public const string Prefix = "custom-";

    public required string Id { get; init; }
    public required string Name { get; init; }
    /// <summary>Unique in the account.</summary>
    public required string Slug { get; init; }
    /// <summary>https. The upstream URL is this, `/`, and what follows the provider in the request's path.</summary>
    public required string BaseUrl { get; init; }
    public bool Enable { get; init; }
    public bool Beta { get; init; }
    public string? Description { get; init; }
    public string? Link { get; init; }
    public string? CurlExample { get; init; }
    public string? JsExample { get; init; }
    /// <summary>The text of a JSON object of header names and values, which may be credentials: for the provider and the account's owner alone.</summary>
    public string? HeadersText { get; init; }
    /// <summary>The same, read: names and values that a header can have.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
    public double? Position { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ModifiedAt { get; init; }
    /// <summary>Another number after every change: what was cached from the provider before is not served any more.</summary>
    public required long Generation { get; init; }

    public override string ToString() => $"custom provider {Slug}";
}
