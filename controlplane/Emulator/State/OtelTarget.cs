using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>Where a gateway exports its spans (contract 2.1, `otel`).</summary>
/// <param name="Authorization">Names a secret of the Secrets Store, whose value becomes the Authorization header; null for none.</param>
/// <param name="Protobuf">Otherwise JSON.</param>
public sealed record OtelTarget(string Url, IReadOnlyList<KeyValuePair<string, string>> Headers, string? Authorization, bool Protobuf)
{
    /// <param name="fields">A gateway's, valid and settled.</param>
    public static IReadOnlyList<OtelTarget> ReadAll(JsonElement fields) =>
        fields.TryGetProperty("otel", out var targets) && targets.ValueKind == JsonValueKind.Array ? [.. targets.EnumerateArray().Select(Read)] : [];

    private static OtelTarget Read(JsonElement target) => new(
        target.GetProperty("url").GetString()!,
        [.. target.GetProperty("headers").EnumerateObject().Select(header => KeyValuePair.Create(header.Name, header.Value.GetString()!))],
        target.TryGetProperty("authorization", out var authorization) && authorization.ValueKind == JsonValueKind.String && authorization.GetString() is { Length: > 0 } name ? name : null,
        target.TryGetProperty("content_type", out var type) && type.ValueEquals("protobuf"));
}
