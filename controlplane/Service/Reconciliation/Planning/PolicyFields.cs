using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>
/// What a policy says, in one spelling: a condition that is not given is `true`, a resource of nothing is `"*"`, and defaults of the action are left out.
/// Source: Cloudflare contract, section 7.
/// </summary>
public static class PolicyFields
{
    public static IReadOnlyDictionary<string, FieldValue> Of(AccessPolicy policy)
    {
        var resource = new JsonObject();
        foreach (var (name, glob) in new[] { ("model", policy.Model), ("provider", policy.Provider) })
        {
            if (glob is not null)
            {
                resource[name] = glob;
            }
        }

        return Of(new JsonObject { ["actor"] = policy.Actor, ["resource"] = resource, ["condition"] = policy.Condition, ["action"] = policy.Action.DeepClone() });
    }

    /// <param name="received">As Cloudflare shows it; members that are not a policy's own are left out.</param>
    public static IReadOnlyDictionary<string, FieldValue> Of(JsonObject received) => new SortedDictionary<string, FieldValue>(StringComparer.Ordinal)
    {
        ["actor"] = new(CanonicalJson.Of(received["actor"])),
        ["resource"] = new(CanonicalJson.Of(Resource(received["resource"]))),
        ["condition"] = new(CanonicalJson.Of(received["condition"] is { } condition && condition.ToJsonString() is not "\"\"" ? condition : "true")),
        ["action"] = new(CanonicalJson.Of(Action(received["action"]))),
    };

    /// <summary>As Cloudflare takes it.</summary>
    public static JsonObject ToBody(IReadOnlyDictionary<string, FieldValue> fields)
    {
        var body = new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Value.ToNode())));
        if (body["action"] is JsonObject action && action["type"]?.ToString() == "limit")
        {
            action["technique"] = "named-interval";
        }

        return body;
    }

    // One glob in a list is that glob.
    private static JsonNode? Resource(JsonNode? resource) => resource switch
    {
        null => "*",
        JsonObject { Count: 0 } => "*",
        JsonObject globs => new JsonObject(globs.Where(glob => glob.Value is not null).Select(glob => KeyValuePair.Create(glob.Key, glob.Value is JsonArray { Count: 1 } only ? only[0]?.DeepClone() : glob.Value!.DeepClone()))),
        _ => resource,
    };

    private static JsonNode? Action(JsonNode? action)
    {
        if (action?.DeepClone() is not JsonObject members)
        {
            return action;
        }

        if (members["except"]?.GetValueKind() is JsonValueKind.False or JsonValueKind.Null)
        {
            members.Remove("except");
        }

        // There is no other technique.
        members.Remove("technique");
        return members;
    }
}
