using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Gateways;

/// <summary>A gateway as an answer shows it, with the undocumented members that the real service adds.</summary>
public static class GatewayJson
{
    public static JsonObject Of(GatewayState gateway)
    {
        var json = new JsonObject
        {
            ["id"] = gateway.Id,
            ["account_id"] = gateway.AccountId,
            ["account_tag"] = gateway.AccountId,
            ["internal_id"] = gateway.InternalId,
        };
        foreach (var (name, value) in JsonObject.Create(gateway.Fields)!)
            json[name] = value?.DeepClone();
        json["is_default"] = gateway.Id == GatewayState.DefaultId;
        json["wholesale"] = false;
        json["created_at"] = JsonText.Time(gateway.CreatedAt);
        json["modified_at"] = JsonText.Time(gateway.ModifiedAt);
        return json;
    }
}
