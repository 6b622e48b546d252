namespace GatewayOps.Cloudflare.Logs;

/// <summary>A page of a gateway's log. `Total` is how many entries the query meets, as far as Cloudflare says.</summary>
public sealed record LogPage(IReadOnlyList<LogEntry> Entries, bool IsLast, long? Total);
