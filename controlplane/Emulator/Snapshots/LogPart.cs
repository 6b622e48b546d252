using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>The newest log rows of a gateway, where they are asked for. A row is written as it is kept: its members are those of <see cref="LogRow"/>.</summary>
public static class LogPart
{
    private static readonly JsonSerializerOptions Rows = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Shape Row = ObjectOf(
        new Member("id", Text(1).And((value, path, errors) =>
        {
            if (!Ulid.TryParse(value.GetString(), out _))
                errors.Add(ApiError.Invalid(path, "Expected a ULID"));
        }), Required: true),
        new Member("provider", Text(), Required: true),
        new Member("model", Text(), Required: true),
        new Member("path", Text(), Required: true),
        new Member("statusCode", Integer(0, 999), Required: true));

    public static SnapshotPart<GatewayState> Of() => new("logs", ArrayOf(Row), Save, Restore);

    private static JsonArray? Save(GatewayState gateway, SnapshotChoice choice)
    {
        var saved = new List<JsonNode>();
        foreach (var row in gateway.Logs.Read().NewestFirst().Take(choice.LogRows))
            saved.Add(JsonSerializer.SerializeToNode(choice.TakesBodies(row.BodyBytes) ? row : row with { RequestBody = null, ResponseBody = null }, Rows)!);
        saved.Reverse();
        return saved.Count > 0 ? [.. saved] : null;
    }

    private static void Restore(GatewayState gateway, JsonElement saved, FieldPath at)
    {
        var rows = new List<LogRow>();
        foreach (var (item, path) in saved.Items(at))
        {
            try
            {
                rows.Add(item.Deserialize<LogRow>(Rows)!);
            }
            catch (JsonException e)
            {
                throw new SnapshotException(path, $"no log row: {JsonText.WhatIsWrong(e)}");
            }
        }
        if (gateway.Logs.Import(rows, gateway.Settings.LogManagement, gateway.Settings.DeleteOldestLogs) < rows.Count)
            throw new SnapshotException(at, "rows of the same id, or more rows than the emulator keeps");
    }
}
