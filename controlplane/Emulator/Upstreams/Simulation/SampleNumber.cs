using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>A number for a schema of type number or integer: 1, or what is nearest to it within the bounds.</summary>
internal static class SampleNumber
{
    public static JsonNode Of(JsonElement schema, bool whole)
    {
        var (least, above) = (Bound(schema, "minimum"), Bound(schema, "exclusiveMinimum"));
        var (most, below) = (Bound(schema, "maximum"), Bound(schema, "exclusiveMaximum"));
        var step = Bound(schema, "multipleOf");
        if (step <= 0)
            throw new SchemaSampleException("'multipleOf' must be above 0");

        bool Fits(decimal value) =>
            !(value < least || value <= above || value > most || value >= below)
            && (!whole || value == decimal.Truncate(value))
            && (step is null || value % step == 0);

        var fitting = Candidates().Where(Fits).Take(1).ToArray();
        if (fitting.Length == 0)
            throw new SchemaSampleException("no number fits the bounds");
        return whole && fitting[0] is >= long.MinValue and <= long.MaxValue ? JsonValue.Create((long)fitting[0]) : JsonValue.Create(fitting[0]);

        IEnumerable<decimal> Candidates()
        {
            yield return 1;
            yield return 0;
            var lower = Max(least, above);
            var upper = Min(most, below);
            if (lower is { } low)
            {
                yield return low;
                yield return decimal.Floor(low) + 1;
                if (step is { } by)
                    for (var n = 0; n < 3; n++)
                        yield return (decimal.Floor(low / by) + n) * by;
            }
            if (upper is { } high)
            {
                yield return high;
                yield return decimal.Ceiling(high) - 1;
                if (step is { } by)
                    for (var n = 0; n < 3; n++)
                        yield return (decimal.Ceiling(high / by) - n) * by;
            }
            if (lower is { } from && upper is { } to)
                yield return from + (to - from) / 2;
        }
    }

    private static decimal? Max(decimal? a, decimal? b) => a is null || b > a ? b ?? a : a;

    private static decimal? Min(decimal? a, decimal? b) => a is null || b < a ? b ?? a : a;

    private static decimal? Bound(JsonElement schema, string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
            return null;
        // Bounds far outside what is ever asked for would overflow the arithmetic above.
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var bound) && Math.Abs(bound) < 1e20m
            ? bound
            : throw new SchemaSampleException($"'{keyword}' must be a number");
    }
}
