using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Ingestion.Otlp;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// Where gateways push their spans: this service, as an entry of a gateway's `otel` names it. Source: Cloudflare contract, sections 2.1 and 14 (`url`, `headers`, and `authorization`, which
/// refers to a secret of the Secrets Store).
/// </summary>
public sealed class SpanReceiver(IOptions<IngestionOptions> options)
{
    /// <summary>The entry that a gateway is to have; null where the settings ask for none: no OtlpUrl, or another source for this gateway. It may hold the token.</summary>
    public JsonObject? ExporterOf(string gateway)
    {
        var settings = options.Value;
        if (settings.OtlpUrl is not { } url || settings.SourceOf(gateway) is not (null or LogSources.Otlp))
        {
            return null;
        }

        var exporter = new JsonObject { ["url"] = url.TrimEnd('/') + OtlpEndpoint.Route.Replace("{gateway}", gateway, StringComparison.Ordinal), ["content_type"] = "protobuf", ["headers"] = new JsonObject() };
        if (settings.OtlpSecret is { } secret)
        {
            exporter["authorization"] = secret;
        }
        else
        {
            exporter["headers"]!["authorization"] = $"Bearer {settings.OtlpToken}";
        }

        return exporter;
    }
}
