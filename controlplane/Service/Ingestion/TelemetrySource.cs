using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Observability;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// Workers Observability's telemetry query, where accounts whose first gateway is of 2026-09-24 or later have their logs. Newest first, so a range counts as read when its last page was; it is
/// read in windows, each short enough to be read to its end. Source: Cloudflare contract, section 3.
/// </summary>
public sealed class TelemetrySource(CloudflareClient cloudflare, TimeProvider time) : IPolledSource
{
    // The most that a query answers.
    private const int PerPage = 2000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    // Cloudflare's clock may be ahead of ours.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    public string Name => LogSources.Telemetry;

    public async Task<AttemptPage> ReadAsync(LogRange range, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var end = range.Until ?? now + Ahead;
        // No window but the last one ends in the time to come: what it tells of that is not all.
        var until = range.From + Window < (range.Until ?? now) ? range.From + Window : end;
        var query = new TelemetryQuery(range.From, until)
        {
            Limit = PerPage,
            Filters = [new TelemetryFilter("$metadata.service", "eq", JsonValue.Create(range.Gateway))],
        };
        var page = await cloudflare.Observability.PageAsync(query, range.Mark, cancellationToken);
        var rows = page.Events.Where(found => found.Source is JsonObject).Select(found => Row(range.Gateway, found)).ToList();
        if (!page.IsLast)
        {
            // Of the window nothing is certain before its last page.
            return new AttemptPage(rows, null, range with { Mark = page.Events[^1].Id }, page.Total);
        }

        if (until < end)
        {
            return new AttemptPage(rows, until, range with { From = until, Mark = null }, null);
        }

        return new AttemptPage(rows, range.Until ?? (rows.Count == 0 ? null : rows.Max(row => row.CreatedAt)), null, 0);
    }

    private static Attempt Row(string gateway, TelemetryEvent found)
    {
        var source = (JsonObject)found.Source!;
        var (requestId, number) = Attempt.Claim(Text(source, $"metadata.{Attempt.RequestIdKey}") is { Length: > 0 } claim ? claim : null);
        return new Attempt
        {
            Gateway = gateway,
            Source = LogSources.Telemetry,
            Id = Attempt.Text(found.Id),
            CreatedAt = found.Time,
            RequestId = requestId,
            Number = number,
            Provider = Text(source, "provider"),
            Model = Text(source, "model"),
            Path = Text(source, "path"),
            StatusCode = (int?)Number(source, "status_code"),
            Success = Flag(source, "success"),
            Cached = Flag(source, "cached"),
            DurationMs = (double)(Number(source, "duration") ?? 0),
            TokensIn = (long?)Number(source, "tokens_in"),
            TokensOut = (long?)Number(source, "tokens_out"),
            CostUsd = Number(source, "cost"),
        };
    }

    private static string Text(JsonObject source, string name) => source[name] switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Attempt.Text(value.GetValue<string>()),
        JsonValue value when value.GetValueKind() != JsonValueKind.Null => value.ToJsonString(),
        _ => "",
    };

    private static bool Flag(JsonObject source, string name) => source[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static decimal? Number(JsonObject source, string name) =>
        source[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<decimal>(out var number) && Math.Abs(number) < int.MaxValue ? number : null;
}
