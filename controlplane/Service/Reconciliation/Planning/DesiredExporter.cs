using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>The one exporter of spans that a gateway is to have. What it shows is an address and a fingerprint: it may hold a token.</summary>
public sealed class DesiredExporter
{
    /// <summary>The gateway's field. Source: Cloudflare contract, section 2.1.</summary>
    public const string Field = "otel";

    private readonly JsonArray _exporters;

    public DesiredExporter(JsonObject exporter)
    {
        _exporters = [exporter.DeepClone()];
        (Url, Value) = (UrlOf(exporter), Normalizer.Field(Field, _exporters));
    }

    public string Url { get; }

    public FieldValue Value { get; }

    /// <summary>The field's value, to be written to Cloudflare.</summary>
    public JsonNode ToNode() => _exporters.DeepClone();

    /// <summary>Where a gateway's exporters send to; "" for what is none that we know.</summary>
    public static IReadOnlyList<string> UrlsOf(JsonObject gateway) => gateway[Field] switch
    {
        null => [],
        JsonArray exporters => [.. exporters.Select(UrlOf)],
        _ => [""],
    };

    private static string UrlOf(JsonNode? exporter) => exporter is JsonObject known && known["url"] is JsonValue url && url.TryGetValue(out string? text) ? text : "";
}
