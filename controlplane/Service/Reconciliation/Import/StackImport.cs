using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.ControlPlane.Reconciliation.Import;

/// <summary>What an account has of what a stack may declare. <paramref name="Secrets"/>: name and id of those that the gateways' stored keys may be.</summary>
public sealed record LiveStack(string AccountId, IReadOnlyList<(string Id, JsonObject Fields)> Gateways, string? StoreId, IReadOnlyList<(string Name, string Id)> Secrets, IReadOnlyList<ImportNote> Notes);

/// <summary>
/// <paramref name="Config"/> is what belongs under `config` in the stack's file; <paramref name="Resources"/> are the resources of a file for `pulumi import --file`. Neither holds a secret.
/// </summary>
public sealed record StackImportAnswer(JsonObject Config, JsonArray Resources, IReadOnlyList<ImportNote> Notes);

/// <summary>Says in the configuration of the Pulumi program what an account has, so that the first preview after the import is empty. Pure.</summary>
public static class StackImport
{
    public const string DefaultProject = "gatewayops";

    private const string Reason = "as it was when the gateway was imported: look at it, and change it or say why";

    private const int MostRetryDelay = 5000;

    public static StackImportAnswer Of(LiveStack account, string project)
    {
        var notes = new List<ImportNote>(account.Notes);
        var (gateways, accepted, resources) = (new JsonArray(), new JsonArray(), new JsonArray());
        foreach (var (id, fields) in account.Gateways)
        {
            gateways.Add(GatewayOf(id, fields, notes));
            foreach (var finding in StackPolicies.Of(fields).Where(finding => finding.Field != "otel").DistinctBy(finding => finding.Policy))
            {
                accepted.Add(new JsonObject { ["policy"] = finding.Policy, ["gateway"] = id, ["reason"] = Reason });
            }

            resources.Add(new JsonObject { ["type"] = "gatewayops:cloudflare:AiGateway", ["name"] = id, ["component"] = true });
            // No gateway has a slash in its id, so that no other resource has this name.
            resources.Add(new JsonObject { ["type"] = "cloudflare:index/aiGateway:AiGateway", ["name"] = $"{id}/gateway", ["logicalName"] = id, ["id"] = $"{account.AccountId}/{id}", ["parent"] = id });
            AddKeyNotes(account, id, notes);
        }

        var config = new JsonObject { [$"{project}:accountId"] = account.AccountId, [$"{project}:gateways"] = gateways };
        if (accepted.Count > 0)
        {
            config[$"{project}:accept"] = accepted;
        }

        notes.Add(new ImportNote(null, "tokens", "API tokens are left out: Cloudflare tells their values when they are made and never again. Declare new ones, hand them out, and revoke the old"));
        return new StackImportAnswer(config, resources, notes);
    }

    private static JsonObject GatewayOf(string id, JsonObject fields, List<ImportNote> notes)
    {
        var gateway = new JsonObject { ["id"] = id };
        foreach (var field in FieldOwnership.Fields)
        {
            if (HandOverFormat.WithCredentials.Contains(field))
            {
                if (Normalizer.Field(field, fields[field]) != Normalizer.Field(field, null))
                {
                    notes.Add(new ImportNote(id, field, $"it may hold a credential and is left out: before the first preview, pulumi config set --secret --path 'gateways[..].{HandOverFormat.ConfigKey(field)}...'. `pulumi import` writes what Cloudflare answers of it into the state in clear, and the first `pulumi up` makes it secret there"));
                }
            }
            else if ((fields[field]?.ToJsonString() is null or "\"\"" ? Absent(field) : fields[field]!.DeepClone()) is { } value)
            {
                gateway[HandOverFormat.ConfigKey(field)] = value;
            }
        }

        Declarable(gateway);
        return gateway;
    }

    // What is left out takes the stack's default, which turns things on and deletes logs: what is off or unset here says so.
    private static JsonNode? Absent(string field) => field switch
    {
        "log_management" => 0,
        "log_management_strategy" => "",
        _ => Normalizer.Field(field, null).Json is ("0" or "false") and var off ? JsonNode.Parse(off) : null,
    };

    // A limit of which one half is off is off, and the stack demands that both say so; Pulumi's provider takes no longer delay. All are the control plane's: what is declared is ignored.
    private static void Declarable(JsonObject gateway)
    {
        if (IsOff(gateway["rateLimitingLimit"]) || IsOff(gateway["rateLimitingInterval"]))
        {
            (gateway["rateLimitingLimit"], gateway["rateLimitingInterval"]) = (0, 0);
        }

        if (gateway["retryDelay"] is JsonValue delay && delay.TryGetValue<double>(out var milliseconds) && milliseconds > MostRetryDelay)
        {
            gateway.Remove("retryDelay");
        }
    }

    private static bool IsOff(JsonNode? number) => number is not JsonValue value || !value.TryGetValue<double>(out var set) || set <= 0;

    // Their values cannot be read, and one that Pulumi does not know would be written at the first update.
    private static void AddKeyNotes(LiveStack account, string gateway, List<ImportNote> notes)
    {
        foreach (var (name, secretId) in account.Secrets)
        {
            if (KeyOf(name, gateway) is not { } key)
            {
                continue;
            }

            notes.Add(new ImportNote(gateway, $"secret/{name}",
                $"it stays as it is. To give it to the stack where `keys put` made it: gatewayops keys remove --gateway {gateway} --provider {key.Provider} --alias {key.Alias}, declare it in `keys`, set its value with --secret, then `pulumi up` and `stack adopt`; from the removal until then requests to {key.Provider} have no stored key. Where something else made it: declare it in `keys`, set its value with --secret, then: pulumi import cloudflare:index/secretsStoreSecret:SecretsStoreSecret {name} {account.AccountId}/{account.StoreId}/{secretId} --generate-code=false; the next update writes the value"));
        }
    }

    // An id of a gateway may hold underscores, a provider's slug and an alias none: `a_b_openai_default` is no key of gateway a.
    private static (string Provider, string Alias)? KeyOf(string secret, string gateway) =>
        secret.StartsWith(gateway + '_', StringComparison.Ordinal) && secret[(gateway.Length + 1)..].Split('_') is [{ Length: > 0 } provider, { Length: > 0 } alias] ? (provider, alias) : null;
}
