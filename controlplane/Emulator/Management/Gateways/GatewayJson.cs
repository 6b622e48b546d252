using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Gateways;

/// <summary>A gateway as an answer shows it, with the undocumented members that the real service adds.</summary>
public static class GatewayJson
{
    public static JsonObject Of(GatewayState gateway) => Of(gateway, gateway.Current);

    /// <summary>As an update left it, whatever another made of it since.</summary>
    public static JsonObject Of(GatewayState gateway, GatewayRevision revision)
    {
        var json = new JsonObject
        {
            ["id"] = gateway.Id,
            ["account_id"] = gateway.AccountId,
            ["account_tag"] = gateway.AccountId,
            ["internal_id"] = gateway.InternalId,
        };
        foreach (var (name, value) in JsonObject.Create(revision.Fields)!)
            json[name] = value?.DeepClone();
        json["is_default"] = gateway.Id == GatewayState.DefaultId;
        json["wholesale"] = false;
        json["created_at"] = JsonText.Time(gateway.CreatedAt);
        json["modified_at"] = JsonText.Time(revision.ModifiedAt);
        return json;
    }
}
