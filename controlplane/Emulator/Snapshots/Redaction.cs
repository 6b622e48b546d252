using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>Takes credentials out of settings: they are replaced by what stands for them, so that the settings stay valid.</summary>
internal static class Redaction
{
    /// <summary>The values of headers of `otel` targets, and `stripe.authorization`. `otel[].authorization` names a secret and stays.</summary>
    public static JsonNode Gateway(JsonNode fields)
    {
        foreach (var target in fields["otel"] as JsonArray ?? [])
            Values(target?["headers"] as JsonObject);
        if (fields["stripe"] is JsonObject { } stripe && stripe["authorization"] is not null)
            stripe["authorization"] = SnapshotChoice.Placeholder("stripe");
        return fields;
    }

    /// <summary>The text of a custom provider's headers.</summary>
    public static string Headers(string text)
    {
        if (text.Length == 0)
            return text;
        var headers = JsonNode.Parse(text)!.AsObject();
        Values(headers);
        return headers.ToJsonString();
    }

    private static void Values(JsonObject? headers)
    {
        foreach (var name in headers?.Select(header => header.Key).ToArray() ?? [])
            headers![name] = SnapshotChoice.Placeholder(name);
    }
}
