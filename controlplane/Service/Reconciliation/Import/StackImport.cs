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

    // A stack that declares a number cannot say null: both are off.
    private static readonly string[] OffIsZero = ["cache_ttl", "rate_limiting_limit", "rate_limiting_interval"];

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
                    notes.Add(new ImportNote(id, field, $"it may hold a credential and is left out: before the first preview, pulumi config set --secret --path 'gateways[..].{HandOverFormat.ConfigKey(field)}...'"));
                }
            }
            else if ((fields[field] ?? (OffIsZero.Contains(field) ? 0 : null)) is { } value && value.ToJsonString() is not "\"\"")
            {
                gateway[HandOverFormat.ConfigKey(field)] = value.DeepClone();
            }
        }

        Declarable(gateway);
        return gateway;
    }

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
        foreach (var (name, secretId) in account.Secrets.Where(secret => secret.Name.StartsWith(gateway + '_', StringComparison.Ordinal)))
        {
            notes.Add(new ImportNote(gateway, $"secret/{name}",
                $"it stays as it is. To give it to the stack: declare it in `keys`, set its value with --secret, then: pulumi import cloudflare:index/secretsStoreSecret:SecretsStoreSecret {name} {account.AccountId}/{account.StoreId}/{secretId} --generate-code=false; the next update writes the value"));
        }
    }
}
