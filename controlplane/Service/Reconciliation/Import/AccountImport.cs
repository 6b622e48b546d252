using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using Route = GatewayOps.Cloudflare.Routes.Route;

namespace GatewayOps.ControlPlane.Reconciliation.Import;

/// <summary>
/// Says in rule sets what an account has. Pure. Whatever a rule set cannot say, or could not say without changing something, is left out with a note:
/// each document is read and planned here as it would be after its addition, until nothing remains to be done.
/// </summary>
public static class AccountImport
{
    public const string DefaultName = "imported";

    private const int LongestName = 64;

    // Cloudflare's own: nobody sets them.
    private static readonly HashSet<string> NotSettings = ["id", "created_at", "modified_at", "account_id", "account_tag", "internal_id", "is_default", "wholesale", "internal"];

    // Their values are fingerprints here: they carry credentials.
    private static readonly HashSet<string> Secret = ["otel", "stripe", "logpush_public_key"];

    /// <param name="account">What there is.</param>
    /// <param name="name">Of the rule set; where several are needed, the first gateway of each is appended.</param>
    /// <param name="asserted">Whether fields that Pulumi owns are asserted: reported when they differ, never written.</param>
    public static ImportAnswer Of(LiveAccount account, string name, bool asserted)
    {
        var notes = new List<ImportNote>(account.Notes);
        var bodies = new List<(string Gateway, JsonObject Body)>();
        foreach (var gateway in account.Gateways)
        {
            if (!GatewayId.IsValid(gateway.Id))
            {
                notes.Add(new ImportNote(gateway.Id, null, $"a rule set cannot name this gateway: an id is {GatewayId.Rule}"));
                continue;
            }

            bodies.Add((gateway.Id, Settled(BodyOf(gateway, asserted, notes), gateway, account, notes)));
        }

        var groups = bodies.GroupBy(entry => CanonicalJson.Of(entry.Body), (_, alike) => (Gateways: alike.Select(entry => entry.Gateway).ToList(), alike.First().Body)).ToList();
        var documents = groups.Select((group, index) => Document(groups.Count == 1 ? name : NameOf(name, group.Gateways[0], index), group.Gateways, group.Body)).ToList();
        AddCustomProviders(account, documents, notes);
        return new ImportAnswer(documents, [.. notes.OrderBy(note => note.Gateway, StringComparer.Ordinal).ThenBy(note => note.Subject, StringComparer.Ordinal)]);
    }

    private static ImportedDocument Document(string name, IReadOnlyList<string> gateways, JsonObject body)
    {
        var document = new JsonObject { ["name"] = name, ["gateways"] = new JsonArray([.. gateways.Select(gateway => (JsonNode)gateway)]) };
        foreach (var (member, value) in body)
        {
            document[member] = value?.DeepClone();
        }

        return new ImportedDocument(name, gateways, document);
    }

    // Two names that are cut alike differ by their place.
    private static string NameOf(string name, string gateway, int index) =>
        $"{name}-{gateway}" is { Length: <= LongestName } whole ? whole : $"{name[..Math.Min(name.Length, LongestName - 4)]}-{index}";

    // They belong to the account: one document declares them.
    private static void AddCustomProviders(LiveAccount account, List<ImportedDocument> documents, List<ImportNote> notes)
    {
        if (account.CustomProviders.Count == 0)
        {
            return;
        }

        if (documents.Count == 0)
        {
            notes.Add(new ImportNote(null, null, $"{account.CustomProviders.Count} custom providers are left out: a rule set that declares them needs a gateway"));
            return;
        }

        foreach (var provider in account.CustomProviders.Where(provider => provider.Fields["headers"] is { } headers && headers.ToJsonString() is not ("\"\"" or "\"{}\"" or "{}")))
        {
            notes.Add(new ImportNote(null, $"custom_provider/{provider.Slug}", "its headers may hold a credential; they stay in Cloudflare as they are, and in no rule set"));
        }

        var body = new JsonObject { ["custom_providers"] = new JsonArray([.. account.CustomProviders.OrderBy(provider => provider.Slug, StringComparer.Ordinal).Select(CustomProviderOf)]) };
        var first = account.Gateways.First(gateway => gateway.Id == documents[0].Gateways[0]);
        if (Settled(body, first, account, notes)["custom_providers"] is { } providers)
        {
            documents[0].Document["custom_providers"] = providers.DeepClone();
        }
    }

    private static JsonObject BodyOf(LiveGateway gateway, bool asserted, List<ImportNote> notes)
    {
        var body = new JsonObject();
        Add(body, "settings", SettingsOf(gateway, asserted, notes));
        Add(body, "routes", new JsonArray([.. Named(gateway.Id, "route", gateway.Routes, route => route.Name, notes).Select(route => RouteOf(gateway.Id, route, notes)).OfType<JsonNode>()]));
        Add(body, "policies", new JsonArray([.. Named(gateway.Id, "policy", Committed(gateway, notes), policy => policy.Name, notes).Select(PolicyOf)]));
        if (gateway.Keys.Count > 0)
        {
            notes.Add(new ImportNote(gateway.Id, null, $"the stored keys {string.Join(", ", gateway.Keys)} stay in Cloudflare as they are; their values cannot be read. Put those that GatewayOps is to look after: `gatewayops keys put`"));
        }

        return body;
    }

    private static void Add(JsonObject body, string member, JsonNode value)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            body[member] = value;
        }
    }

    private static JsonObject SettingsOf(LiveGateway gateway, bool asserted, List<ImportNote> notes)
    {
        foreach (var unknown in gateway.Fields.Select(field => field.Key).Where(field => FieldOwnership.Of(field) is null && !NotSettings.Contains(field)))
        {
            notes.Add(new ImportNote(gateway.Id, unknown, "this version does not know the field; it stays in Cloudflare as it is"));
        }

        var settings = new JsonObject();
        var fields = Normalizer.Fields(gateway.Fields);
        foreach (var (field, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            // What is off means the same when nothing is said of it; so does how a limit would count that is not there.
            var isOff = value == Normalizer.Field(field, null) || (field is "rate_limiting_technique" or "rate_limiting_interval" && fields["rate_limiting_limit"] == Normalizer.Field("rate_limiting_limit", null));
            if (isOff || (FieldOwnership.Of(field) == FieldOwner.Pulumi && !asserted))
            {
                continue;
            }

            if (Secret.Contains(field))
            {
                notes.Add(new ImportNote(gateway.Id, field, "it may hold a credential, and rule sets hold none: leave it to Pulumi"));
                continue;
            }

            settings[field] = value.ToNode();
        }

        return settings;
    }

    private static IEnumerable<Policy> Committed(LiveGateway gateway, List<ImportNote> notes)
    {
        foreach (var policy in gateway.Policies)
        {
            if (policy.IsDraft)
            {
                notes.Add(new ImportNote(gateway.Id, $"policy/{policy.Name}", "a draft that is not in force is left out; plans report it until it is committed or deleted"));
            }
            else
            {
                yield return policy;
            }
        }
    }

    // A rule set tells objects of one kind apart by name.
    private static IEnumerable<T> Named<T>(string gateway, string kind, IEnumerable<T> items, Func<T, string> nameOf, List<ImportNote> notes)
    {
        foreach (var group in items.GroupBy(nameOf).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var all = group.ToList();
            if (all.Count == 1)
            {
                yield return all[0];
            }
            else
            {
                notes.Add(new ImportNote(gateway, $"{kind}/{group.Key}", $"{all.Count} have this name; they are left out: rename all but one"));
            }
        }
    }

    private static JsonObject? RouteOf(string gateway, Route route, List<ImportNote> notes)
    {
        if (route.Graph?.ToJson() is not { } graph)
        {
            notes.Add(new ImportNote(gateway, $"route/{route.Name}", "Cloudflare shows no graph of it, or one that cannot be read; it is left out"));
            return null;
        }

        // In the order of the graph, each element in the one spelling that plans compare.
        var elements = RouteElements.Of(graph);
        var ids = graph.OfType<JsonObject>().Select(element => element["id"]?.GetValueKind() == JsonValueKind.String ? element["id"]!.GetValue<string>() : "").ToList();
        return new JsonObject
        {
            ["name"] = route.Name,
            ["elements"] = new JsonArray([.. elements.OrderBy(element => ids.IndexOf(element.Key)).ThenBy(element => element.Key, StringComparer.Ordinal).Select(element => element.Value.ToNode())]),
        };
    }

    private static JsonObject PolicyOf(Policy policy)
    {
        var fields = PolicyFields.Of(policy.Fields);
        var imported = new JsonObject { ["name"] = policy.Name };
        foreach (var field in new[] { "actor", "resource", "condition", "action" })
        {
            if (fields[field].Json is not "null" && (field != "condition" || fields[field] != FieldValue.Text("true")))
            {
                imported[field] = fields[field].ToNode();
            }
        }

        return imported;
    }

    private static JsonObject CustomProviderOf(CustomProvider provider)
    {
        var imported = new JsonObject { ["slug"] = provider.Slug, ["name"] = provider.Name, ["base_url"] = provider.BaseUrl };
        if (!provider.Enabled)
        {
            imported["enable"] = false;
        }

        foreach (var field in new[] { "description", "link" })
        {
            if (provider.Fields[field] is { } text && text.GetValueKind() == JsonValueKind.String && text.GetValue<string>().Length > 0)
            {
                imported[field] = text.DeepClone();
            }
        }

        return imported;
    }

    /// <summary>The body without what a rule set refuses, and without what would change something.</summary>
    private static JsonObject Settled(JsonObject body, LiveGateway gateway, LiveAccount account, List<ImportNote> notes)
    {
        while (true)
        {
            var reading = RuleSetReader.Read(JsonSerializer.SerializeToUtf8Bytes(body));
            if (!reading.IsValid)
            {
                DropRefused(body, reading.Errors, gateway.Id, notes);
                continue;
            }

            var revision = new Revision(new RevisionId(DefaultName, 1), "", reading.RuleSet!);
            var compilation = RuleSetCompiler.Compile(gateway.Id, [revision]);
            if (compilation.RuleSet is not { } ruleSet)
            {
                DropRefused(body, compilation.Errors, gateway.Id, notes);
                continue;
            }

            var changes = Planner.Diff(DesiredState.Of(ruleSet, []), gateway.Observed(account.CustomProviders), Inventory.Empty).Actions.ToList();
            if (changes.Count == 0)
            {
                return body;
            }

            foreach (var change in changes.DistinctBy(change => change.Subject))
            {
                notes.Add(new ImportNote(gateway.Id, change.Subject, $"it is left out: said in a rule set it would change ({change.Field ?? change.Reason})"));
                Remove(body, change);
            }
        }
    }

    // From the end, so that the places of what is left stay true.
    private static void DropRefused(JsonObject body, IReadOnlyList<RuleSetError> errors, string gateway, List<ImportNote> notes)
    {
        var places = errors.Select(error => (Error: error, Place: PlaceOf(body, error))).Where(entry => entry.Place is not null).ToList();
        if (places.Count == 0)
        {
            throw new InvalidOperationException($"An imported document of gateway {gateway} is refused where nothing can be left out: {errors[0].Pointer} {errors[0].Message}");
        }

        foreach (var group in places.GroupBy(entry => entry.Place!).OrderByDescending(group => group.Key.Index))
        {
            var error = group.First().Error;
            notes.Add(new ImportNote(gateway, group.Key.Subject, $"{(group.Key.Member is { } member ? $"its member {member}" : "it")} is left out, a rule set cannot say it: {error.Message}"));
            group.Key.Remove();
        }
    }

    /// <summary>What goes for one error: the member that is not known, else the whole object or field.</summary>
    private sealed record Place(string Subject, string? Member, int Index, Action Remove)
    {
        public bool Equals(Place? other) => other is not null && (Subject, Member, Index) == (other.Subject, other.Member, other.Index);

        public override int GetHashCode() => HashCode.Combine(Subject, Member, Index);
    }

    private static Place? PlaceOf(JsonObject body, RuleSetError error)
    {
        var path = error.Pointer.Split('/').Skip(1).Select(part => part.Replace("~1", "/").Replace("~0", "~")).ToList();
        switch (path)
        {
            case ["settings", var field, ..] when body["settings"] is JsonObject settings:
                return new Place(field, null, -1, () => RemoveFrom(body, "settings", settings, field));
            case [var list, var place, .. var below] when body[list] is JsonArray items && int.TryParse(place, out var index) && index < items.Count && items[index] is JsonObject item:
                var subject = SubjectOf(list, item);
                return error.Code == RuleSetErrorCodes.UnknownField && Parent(item, below) is { } parent
                    ? new Place(subject, string.Join('/', below), index, () => parent.Remove(below[^1]))
                    : new Place(subject, null, index, () => RemoveAt(body, list, items, item));
            default:
                return null;
        }
    }

    private static string SubjectOf(string list, JsonObject item) => list switch
    {
        "routes" => $"route/{item["name"]}",
        "policies" => $"policy/{item["name"]}",
        _ => $"custom_provider/{item["slug"]}",
    };

    private static JsonObject? Parent(JsonNode item, IReadOnlyList<string> below)
    {
        var node = (JsonNode?)item;
        foreach (var part in below.SkipLast(1))
        {
            node = node switch
            {
                JsonObject members => members[part],
                JsonArray items when int.TryParse(part, out var index) && index < items.Count => items[index],
                _ => null,
            };
        }

        return node is JsonObject parent && below.Count > 0 && parent.ContainsKey(below[^1]) ? parent : null;
    }

    private static void Remove(JsonObject body, Change change)
    {
        var (list, key) = change.Kind switch
        {
            ObjectKind.Route => ("routes", "name"),
            ObjectKind.Policy => ("policies", "name"),
            ObjectKind.CustomProvider => ("custom_providers", "slug"),
            _ => ("settings", ""),
        };
        if (body[list] is JsonObject settings)
        {
            RemoveFrom(body, list, settings, change.Field!);
        }
        else if (body[list] is JsonArray items && items.OfType<JsonObject>().FirstOrDefault(item => item[key]?.GetValue<string>() == change.Key) is { } item)
        {
            RemoveAt(body, list, items, item);
        }
    }

    private static void RemoveFrom(JsonObject body, string member, JsonObject members, string name)
    {
        members.Remove(name);
        if (members.Count == 0)
        {
            body.Remove(member);
        }
    }

    private static void RemoveAt(JsonObject body, string member, JsonArray items, JsonObject item)
    {
        items.Remove(item);
        if (items.Count == 0)
        {
            body.Remove(member);
        }
    }
}
