using System.Text.Json.Nodes;
using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics.Telemetry;

/// <summary>
/// Workers Observability as far as AI Gateway's events go (contract section 3: accounts of late 2026 keep their logs there): query, keys and values over the
/// same log rows. Live tail and saved queries are not emulated.
/// </summary>
public static class TelemetryEndpoints
{
    private const int DefaultLimit = 1000;

    public static void MapTelemetry(this IEndpointRouteBuilder account)
    {
        var telemetry = account.MapGroup("/workers/observability/telemetry").Requires(Permission.WorkersObservabilityRead).WithTags("Workers Observability");
        telemetry.MapPost("/query", Query).WithSummary("Query the gateways' events").Takes(TelemetryShape.Query);
        telemetry.MapPost("/keys", Keys).WithSummary("Keys that the events have").Takes(TelemetryShape.Keys);
        telemetry.MapPost("/values", Values).WithSummary("Values of a key of the events").Takes(TelemetryShape.Values);
    }

    private static async Task<IResult> Query(HttpContext context, EmulatorClock clock, LogWeather weather, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, TelemetryShape.Query, cancellationToken);
        return refusal ?? Envelope.Result(new TelemetryQuery(context.Account(), body, clock.GetUtcNow(), TimeSpan.FromSeconds(weather.Now.TelemetrySkewSeconds)).Answer());
    }

    private static async Task<IResult> Keys(HttpContext context, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, TelemetryShape.Keys, cancellationToken);
        if (refusal is not null)
            return refusal;
        var to = body.TryGetProperty("to", out var end) ? (long)end.GetDouble() : clock.GetUtcNow().ToUnixTimeMilliseconds();
        var from = body.TryGetProperty("from", out var start) ? (long)start.GetDouble() : 0;
        var finds = body.TryGetProperty("keyNeedle", out var needle) ? TelemetryFilter.Needle(needle) : null;
        // Newest first: a key's first event is the last that had it.
        var keys = TelemetryQuery.Events(context.Account(), body, from, to)
            .SelectMany(e => e.Keys.Select(key => (Key: key, Type: TelemetryEvent.TypeOf(e[key]!), e.Time)))
            .Where(key => finds is null || finds(key.Key))
            .DistinctBy(key => (key.Key, key.Type))
            .Take(Limit(body));
        return Envelope.Result(new JsonArray([.. keys.Select(key => new JsonObject { ["key"] = key.Key, ["type"] = key.Type, ["lastSeenAt"] = key.Time })]));
    }

    private static async Task<IResult> Values(HttpContext context, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, TelemetryShape.Values, cancellationToken);
        if (refusal is not null)
            return refusal;
        var (key, type, timeframe) = (body.GetProperty("key").GetString()!, body.GetProperty("type").GetString()!, body.GetProperty("timeframe"));
        var values = TelemetryQuery.Events(context.Account(), body, (long)timeframe.GetProperty("from").GetDouble(), (long)timeframe.GetProperty("to").GetDouble())
            .Select(e => e[key]).Where(value => value is not null && TelemetryEvent.TypeOf(value) == type).Distinct().Take(Limit(body));
        return Envelope.Result(new JsonArray([
            .. values.Select(value => new JsonObject { ["dataset"] = TelemetryEvent.Dataset, ["key"] = key, ["type"] = type, ["value"] = TelemetryEvent.Value(value) })]));
    }

    private static int Limit(System.Text.Json.JsonElement body) => body.TryGetProperty("limit", out var limit) ? (int)limit.GetDouble() : DefaultLimit;
}
