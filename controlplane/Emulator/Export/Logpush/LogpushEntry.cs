using System.Text.Json.Nodes;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.Export.Logpush;

/// <summary>One line of the dataset `ai_gateway_events` (contract 14): a few fields in the clear, the metadata and the bodies sealed.</summary>
public static class LogpushEntry
{
    public const string Dataset = "ai_gateway_events";

    /// <summary>Of the line, as it is before compression.</summary>
    public const int MostBytes = 1_000_000;

    /// <summary>Null when the line would be larger than <see cref="MostBytes"/>: such a log is not exported.</summary>
    /// <param name="fields">Those in the clear, by name; unknown names are left out.</param>
    public static byte[]? Line(GatewayState gateway, LogRow row, LogpushSeal seal, IReadOnlyList<string> fields)
    {
        if (row.BodyBytes > MostBytes) // larger still in base64
            return null;
        var line = new JsonObject();
        foreach (var name in fields)
            if (Field(name, gateway, row) is { } value)
                line[name] = value;
        line["Metadata"] = seal.Over(row.Metadata ?? "{}");
        line["RequestBody"] = seal.Over(row.RequestBody);
        line["ResponseBody"] = seal.Over(row.ResponseBody);
        var bytes = WireJson.Bytes(line);
        return bytes.Length <= MostBytes ? bytes : null;
    }

    private static JsonNode? Field(string name, GatewayState gateway, LogRow row) => name switch
    {
        "Cached" => row.Cached,
        "Endpoint" => row.Path,
        "Gateway" => gateway.Id,
        "Model" => row.Model,
        "Provider" => row.Provider,
        "RateLimited" => row.StatusCode == StatusCodes.Status429TooManyRequests,
        "StatusCode" => row.StatusCode,
        "Datetime" => JsonText.Time(row.CreatedAt),
        _ => null,
    };
}
