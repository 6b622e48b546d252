using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>Reads the gateway fields of one configuration object over the values that stand where it says nothing.</summary>
internal static class GatewayReader
{
    // The provider takes less than the API does: the rest of the ranges are those of a rule set's settings.
    private const int MostRetryDelay = 5000;

    // Relations between fields: the key to blame, the other that it depends on, whether it holds, what it demands.
    private static readonly (string Field, string Other, Func<JsonObject, bool> Holds, string Demand)[] Relations =
    [
        ("rate_limiting_interval", "rate_limiting_limit", fields => IsAbove0(fields, "rate_limiting_limit") == IsAbove0(fields, "rate_limiting_interval"), "must be above 0 together with rateLimitingLimit, or 0 together with it"),
        ("log_classification", "collect_logs", fields => !IsOn(fields, "log_classification") || IsOn(fields, "collect_logs"), "needs collectLogs: Cloudflare turns it off without, and would differ for ever"),
        ("retry_delay", "retry_delay", fields => fields["retry_delay"] is not { } delay || delay.GetValue<double>() <= MostRetryDelay, "must be 0 to 5000 milliseconds: Pulumi's provider takes no more"),
    ];

    /// <summary>The fields with <paramref name="defaults"/> where nothing is said. Faults are those of what is said here; of two that depend on each other, either.</summary>
    public static JsonObject Read(ConfigObject keys, JsonObject? defaults)
    {
        var (given, fields) = (new JsonObject(), new JsonObject());
        foreach (var field in GatewayField.All)
        {
            var value = Value(keys, field);
            if (value is not null && !IsUnset(field, value))
                given[field.Name] = value;
            // A faulty value is told already: what hangs on it stands as if nothing was said.
            if ((keys.Has(field.Key) && !keys.IsFaulty(field.Key) ? given[field.Name] : defaults is null ? field.Default : defaults[field.Name]) is { } settled)
                fields[field.Name] = settled.DeepClone();
        }

        // One form of numbers, whether they were written here or read.
        fields = JsonNode.Parse(fields.ToJsonString())!.AsObject();
        given = JsonNode.Parse(given.ToJsonString())!.AsObject();
        CheckShapes(keys, given);
        CheckCredentials(keys, given);
        foreach (var relation in Relations)
        {
            if ((keys.Has(Key(relation.Field)) || keys.Has(Key(relation.Other))) && !keys.IsFaulty(Key(relation.Field)) && !keys.IsFaulty(Key(relation.Other)) && !relation.Holds(fields))
                keys.Fault(Key(relation.Field), relation.Demand);
        }

        Settle(fields);
        return fields;
    }

    // What Cloudflare fills in where it is left out, and would differ from for ever.
    private static void Settle(JsonObject fields)
    {
        foreach (var rule in ((fields["spend_limits"] as JsonObject)?["rules"] as JsonArray ?? []).OfType<JsonObject>())
        {
            rule.TryAdd("enabled", true);
            rule.TryAdd("technique", "sliding");
        }

        foreach (var exporter in (fields["otel"] as JsonArray ?? []).OfType<JsonObject>())
        {
            exporter.TryAdd("content_type", "json");
            // YAML says null where nothing follows the colon.
            exporter["headers"] ??= new JsonObject();
        }
    }

    // Pulumi demands a default of every key that may be left out: of a field without one it is the empty value.
    private static bool IsUnset(GatewayField field, JsonNode value) => field.MayBeUnset && value switch
    {
        JsonObject { Count: 0 } or JsonArray { Count: 0 } => true,
        _ => value.ToJsonString() is "\"\"" or "0",
    };

    private static JsonNode? Value(ConfigObject keys, GatewayField field) => field.Kind switch
    {
        FieldKind.Flag => keys.Flag(field.Key) is { } flag ? JsonValue.Create(flag) : null,
        FieldKind.Integer => keys.Integer(field.Key),
        FieldKind.Text => keys.Text(field.Key) is { } text ? JsonValue.Create(text) : null,
        _ => keys.Tree(field.Key) is { } tree ? JsonNode.Parse(tree.GetRawText()) : null,
    };

    // Types and ranges are those of a rule set's settings, but for what only rule sets must not hold.
    private static void CheckShapes(ConfigObject keys, JsonObject given)
    {
        foreach (var error in RuleSetReader.Read(JsonSerializer.SerializeToUtf8Bytes(new { settings = given })).Errors.Where(error => error.Code != RuleSetErrorCodes.NotSupported))
        {
            var steps = error.Pointer.Split('/').Skip(2).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
            var key = Key(steps[0]);
            if (!keys.IsFaulty(key) || steps.Length > 1)
                keys.Fault(key + string.Concat(steps.Skip(1).Select(step => int.TryParse(step, out _) ? $"[{step}]" : $".{step}")), Said(error.Message, keys.IsSecret(key)));
        }
    }

    private static void CheckCredentials(ConfigObject keys, JsonObject given)
    {
        foreach (var (field, value) in given)
        {
            foreach (var (below, message) in CredentialFields.Check(field, value!).Where(fault => !keys.IsFaulty(Key(field) + fault.Below)))
                keys.Fault(Key(field) + below, message);
        }
    }

    // A message may repeat the value after what was expected of it.
    private static string Said(string message, bool isSecret)
    {
        var found = message.IndexOf(", found ", StringComparison.Ordinal);
        return found >= 0 && (isSecret || SecretShape.Matches(message)) ? message[..found] + "." : message;
    }

    private static string Key(string field) => HandOverFormat.ConfigKey(field);

    private static bool IsAbove0(JsonObject fields, string field) => fields[field] is { } value && value.GetValue<double>() > 0;

    private static bool IsOn(JsonObject fields, string field) => fields[field] is { } value && value.GetValue<bool>();
}
