using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>`cf-aig-metadata`: a flat JSON object (contract 12.1).</summary>
public static class LogMetadata
{
    /// <summary>Later entries are dropped.</summary>
    public const int MostEntries = 5;

    /// <summary>The object with at most five entries of string, number or boolean, without the reserved keys (`cf.…`); null when there is none.</summary>
    public static string? Read(string? header)
    {
        if (header is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(header);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var kept = new JsonObject();
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (entry.Name.StartsWith("cf.", StringComparison.Ordinal)
                    || entry.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
                    continue;
                if (kept.Count == MostEntries && !kept.ContainsKey(entry.Name))
                    continue;
                kept[entry.Name] = JsonNode.Parse(entry.Value.GetRawText());
            }
            return kept.Count > 0 ? WireJson.Text(kept) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
