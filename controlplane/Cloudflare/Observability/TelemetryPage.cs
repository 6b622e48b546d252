namespace GatewayOps.Cloudflare.Observability;

/// <summary>A page of events. `Total` is how many the query meets, as far as Cloudflare says.</summary>
public sealed record TelemetryPage(IReadOnlyList<TelemetryEvent> Events, bool IsLast, long? Total);
