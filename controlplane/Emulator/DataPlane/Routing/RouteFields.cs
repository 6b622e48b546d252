using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane.Routing;

/// <summary>What the elements of a route read of a request: `metadata.{key}`. Of the body and the headers the contract is not sure (5.1): they are absent.</summary>
public sealed class RouteFields(string? metadata)
{
    private const string Metadata = "metadata.";

    private readonly JsonElement _metadata = metadata is null ? default : JsonSerializer.Deserialize<JsonElement>(metadata);

    public JsonElement? Find(string name) =>
        name.StartsWith(Metadata, StringComparison.Ordinal) && _metadata.ValueKind == JsonValueKind.Object && _metadata.TryGetProperty(name[Metadata.Length..], out var value) ? value : null;

    /// <summary>Whose bucket a limit counts in: requests without the field share one.</summary>
    public string Bucket(string key) => Find(key)?.GetRawText() ?? "";
}
