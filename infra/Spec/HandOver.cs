using System.Text.Json.Nodes;
using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>
/// What the stack hands over to the control plane: the objects that are Pulumi's, and the fields that it sets. Names, ids and plain values; never a secret.
/// Read by `gatewayops stack adopt`; the format is in controlplane/docs/stack.md.
/// </summary>
public static class HandOver
{
    /// <summary>JSON of the document. <paramref name="storeId"/> and <paramref name="secretIds"/> (by the secrets' names) are Cloudflare's, once they are made.</summary>
    public static string Of(StackSpec spec, string project, string stack, string? storeId, IReadOnlyDictionary<string, string> secretIds)
    {
        var document = new JsonObject
        {
            ["schema"] = HandOverFormat.Version,
            ["project"] = project,
            ["stack"] = stack,
            ["accountId"] = spec.AccountId,
            ["endpoint"] = spec.EndpointOf(spec.Gateways[0]),
        };
        if (storeId is not null)
            document["secretsStore"] = new JsonObject { ["id"] = storeId };
        document["gateways"] = new JsonArray([.. spec.Gateways.Select(gateway => new JsonObject { ["id"] = gateway.Id, ["fields"] = Fields(spec, gateway, storeId) })]);
        document["secrets"] = new JsonArray([.. spec.Keys.Select(key => Secret(key, secretIds.GetValueOrDefault(key.SecretName)))]);
        document["tokens"] = new JsonArray([.. spec.Tokens.Select(token => new JsonObject { ["name"] = token.Name })]);
        return document.ToJsonString();
    }

    private static JsonObject Secret(KeySpec key, string? id)
    {
        var secret = new JsonObject { ["name"] = key.SecretName, ["gateway"] = key.Gateway, ["provider"] = key.Provider, ["alias"] = key.Alias };
        if (id is not null)
            secret["id"] = id;
        return secret;
    }

    // What Components/AiGateway.cs sets and the control plane does not own. A key in PEM is nobody's secret and still of no use to the control plane.
    private static JsonObject Fields(StackSpec spec, GatewaySpec gateway, string? storeId)
    {
        var fields = new JsonObject(gateway.Fields
            .Where(field => FieldOwnership.Of(field.Key) == FieldOwner.Pulumi && field.Key != "logpush_public_key" && !HandOverFormat.WithCredentials.Contains(field.Key))
            .Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
        if (storeId is not null && spec.HasStore(gateway))
            fields["store_id"] = storeId;
        return fields;
    }
}
