using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>A string for a schema of type string: the format's example, else the name of its place, within minLength and maxLength.</summary>
internal static class SampleText
{
    public static string Of(JsonElement schema, string name)
    {
        var least = SchemaSample.Bound(schema, "minLength") ?? 0;
        var most = SchemaSample.Bound(schema, "maxLength") ?? int.MaxValue;
        if (least > most)
            throw new SchemaSampleException("'minLength' is above 'maxLength'");

        if (schema.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.String && Example(format.GetString()!) is { } example)
        {
            return example.Length >= least && example.Length <= most
                ? example
                : throw new SchemaSampleException($"the format '{format.GetString()}' does not fit the length that is asked for");
        }

        // Lengths count characters, not UTF-16 units: with an ASCII text they are the same.
        var text = name.Length > 0 && name.All(char.IsAscii) ? name : "value";
        return text.PadRight(least, '.')[..Math.Min(most, Math.Max(text.Length, least))];
    }

    private static string? Example(string format) => format switch
    {
        "date-time" => "2026-01-01T00:00:00Z",
        "date" => "2026-01-01",
        "time" => "00:00:00Z",
        "duration" => "P1D",
        "email" => "someone@example.com",
        "hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" => "https://example.com/",
        "uuid" => "6f0f4b5e-2f5b-4c53-9b0e-3d1f0d2f5a10",
        _ => null, // any other format is an annotation (JSON Schema 2020-12, 7.2.1)
    };
}
