using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>
/// Compares what is desired with what is observed. Pure: no clock, no client, no choice left for the time of execution.
/// The order of its inputs' lists never matters.
/// </summary>
public static class Planner
{
    /// <summary>Name of the account's store where there is none yet; an account has at most one. Source: Cloudflare contract, section 9.</summary>
    public const string StoreName = "default_secrets_store";

    public static Plan Diff(DesiredState desired, ObservedState observed, Inventory inventory)
    {
        var changes = observed.Fields is { } fields ? Changes(desired, observed, fields, inventory).ToList() : [Missing(desired.Gateway)];
        var massDelete = desired.AllowMassDelete ? null : MassDelete.Of(desired, changes);
        return new Plan
        {
            Gateway = desired.Gateway,
            Revision = desired.Revision,
            Exists = observed.Exists,
            MassDelete = massDelete,
            Changes = massDelete is null ? changes : [.. changes.Select(change => Held(change, massDelete))],
        };
    }

    private static Change Held(Change change, MassDelete mass) => change.Op == ChangeOp.Delete && MassDelete.Counts(change.Kind)
        ? change with { Op = ChangeOp.Report, Reason = $"held back, {mass.Message}: execute with --prune --allow-mass-delete if that is meant" }
        : change;

    private static Change Missing(string gateway) => new(ChangeOp.Report, ObjectKind.Gateway, gateway,
        $"the gateway does not exist: make it with `gatewayops gateway create {gateway}` or `pulumi up`", Owner: FieldOwner.Pulumi);

    private static IEnumerable<Change> Changes(DesiredState desired, ObservedState observed, IReadOnlyDictionary<string, FieldValue> fields, Inventory inventory)
    {
        var claims = new Claims(desired);
        var keys = desired.Keys.OrderBy(key => key.ConfigKey, StringComparer.Ordinal).ToList();
        var providers = claims.Settle(CustomProviderChanges.Wanted(desired, observed, inventory)).ToList();
        var store = claims.Settle(Store(observed, keys)).ToList();
        var link = StoreLink(desired, observed, fields, keys.Count > 0, store.Any(change => change.IsAction), claims);
        var configs = claims.Settle(keys.SelectMany(key => ProviderConfig(key, observed, inventory, link))).ToList();
        var surplusRoutes = claims.Settle(RouteChanges.Surplus(desired, observed, inventory)).ToList();

        // What is referred to comes first: custom provider, store, secret, gateway (its store_id), provider_config, route.
        return providers
            .Concat(store)
            .Concat(keys.SelectMany(key => Secret(key, observed)))
            .Concat(claims.Settle(Fields(desired, fields)))
            .Concat(link.Changes)
            .Concat(claims.Settle(Exporter(desired, observed, fields)))
            .Concat(Asserted(desired, fields))
            .Concat(Stacked(desired, fields))
            .Concat(configs)
            .Concat(claims.Settle(RouteChanges.Wanted(desired, observed, inventory, providers)))
            .Concat(claims.Settle(PolicyChanges.Wanted(desired, observed, inventory)))
            // Removals last and in reverse: what refers goes before what it refers to.
            .Concat(claims.Settle(PolicyChanges.Surplus(desired, observed, inventory)))
            .Concat(surplusRoutes)
            .Concat(claims.Settle(Surplus(desired, observed, inventory, keys)))
            .Concat(claims.Settle(CustomProviderChanges.Surplus(desired, observed, inventory, surplusRoutes)));
    }

    private static IEnumerable<Change> Store(ObservedState observed, List<DeclaredKey> keys)
    {
        // A stack's keys are in the stack's store.
        if (keys.Exists(key => key.Stack is null) && observed.Stores.Count == 0)
        {
            yield return new Change(ChangeOp.Create, ObjectKind.SecretStore, StoreName, "stored keys need a Secrets Store and the account has none");
        }
    }

    private static IEnumerable<Change> Secret(DeclaredKey key, ObservedState observed)
    {
        var reason = Find(key, observed) switch
        {
            null when key.Stack is { } stack => $"the stack {stack} says that it makes this secret, and the Secrets Store does not have it: run `pulumi up`",
            { ForGateways: false } when key.Stack is { } stack => $"the secret lacks the scope ai_gateway: give it that scope in the stack {stack}",
            null => $"the secret is not in the Secrets Store and its value is not kept here: put it again with `gatewayops keys put --provider {key.Provider} --alias {key.Alias}`",
            { ForGateways: false } => "the secret lacks the scope ai_gateway: put the key again",
            { IsActive: false } => "Cloudflare has not activated the secret yet; its provider_config follows at the next pass",
            _ => null,
        };
        if (reason is not null)
        {
            yield return new Change(ChangeOp.Report, ObjectKind.Secret, key.SecretName, reason);
        }
    }

    private static IEnumerable<Change> Fields(DesiredState desired, IReadOnlyDictionary<string, FieldValue> fields) =>
        from field in desired.Fields.OrderBy(field => field.Key, StringComparer.Ordinal)
        let live = fields[field.Key]
        where live != field.Value
        select new Change(ChangeOp.Update, ObjectKind.Gateway, desired.Gateway, $"set by {desired.Revision}", field.Key, live, field.Value, FieldOwner.ControlPlane);

    private static IEnumerable<Change> Asserted(DesiredState desired, IReadOnlyDictionary<string, FieldValue> fields) =>
        from field in desired.Asserted.OrderBy(field => field.Key, StringComparer.Ordinal)
        let live = fields[field.Key]
        // Where the stack says the same, its own report is enough.
        where live != field.Value && !(desired.StackFields.TryGetValue(field.Key, out var stack) && stack == field.Value)
        select new Change(ChangeOp.Report, ObjectKind.Gateway, desired.Gateway, $"asserted by {desired.Revision}, owned by Pulumi: change it with `pulumi up`", field.Key, live, field.Value, FieldOwner.Pulumi);

    private static IEnumerable<Change> Stacked(DesiredState desired, IReadOnlyDictionary<string, FieldValue> fields) =>
        from field in desired.StackFields.OrderBy(field => field.Key, StringComparer.Ordinal)
        let live = fields[field.Key]
        where live != field.Value
        select new Change(ChangeOp.Report, ObjectKind.Gateway, desired.Gateway, $"the stack {desired.Stack} sets it, and it differs: run `pulumi up`, or `gatewayops stack adopt` where the stack was changed", field.Key, live, field.Value, FieldOwner.Pulumi);

    /// <summary>Whether, and to which store, the gateway is linked once this plan is done.</summary>
    private sealed record Link(string? StoreId, IReadOnlyList<Change> Changes);

    // store_id is Pulumi's. We fill it where it is empty and keys are declared, because no provider_config can exist without it.
    private static Link StoreLink(DesiredState desired, ObservedState observed, IReadOnlyDictionary<string, FieldValue> fields, bool hasKeys, bool storeFollows, Claims claims)
    {
        const string Field = "store_id";
        var live = fields[Field];
        if (!hasKeys)
        {
            return new Link(null, []);
        }

        var store = observed.Stores.OrderBy(store => store.Id, StringComparer.Ordinal).FirstOrDefault();
        if (live.IsNull && desired.StackFields.ContainsKey(Field))
        {
            // The stack sets it, and has not done so yet: its own report says that.
            return new Link(null, []);
        }

        if (live.IsNull)
        {
            if (store is null && !storeFollows)
            {
                return new Link(null, []);
            }

            var to = store is null ? FieldValue.NewStoreId : FieldValue.Text(store.Id);
            var change = claims.Settle(new Change(ChangeOp.Update, ObjectKind.Gateway, desired.Gateway, "stored keys need it and it was empty", Field, live, to, FieldOwner.ControlPlane));
            return new Link(change.IsAction ? store?.Id : null, [change]);
        }

        var linked = observed.Stores.FirstOrDefault(candidate => FieldValue.Text(candidate.Id) == live);
        return linked is not null
            ? new Link(linked.Id, [])
            : new Link(null, [new Change(ChangeOp.Report, ObjectKind.Gateway, desired.Gateway, "it names a Secrets Store that the account does not have: change it with `pulumi up`", Field, live, store is null ? null : FieldValue.Text(store.Id), FieldOwner.Pulumi)]);
    }

    // otel is Pulumi's. We fill it where it is empty and spans are to be pushed here, and keep what we filled it with.
    private static IEnumerable<Change> Exporter(DesiredState desired, ObservedState observed, IReadOnlyDictionary<string, FieldValue> fields)
    {
        var live = fields[DesiredExporter.Field];
        if (desired.Exporter is not { } exporter || live == exporter.Value || desired.Asserted.ContainsKey(DesiredExporter.Field))
        {
            yield break;
        }

        if (observed.ExportUrls.All(url => url == exporter.Url))
        {
            var reason = observed.ExportUrls.Count == 0 ? $"spans are to be pushed to {exporter.Url}, and nobody got them" : $"the exporter to {exporter.Url} is another than the settings say";
            yield return new Change(ChangeOp.Update, ObjectKind.Gateway, desired.Gateway, reason, DesiredExporter.Field, live, exporter.Value, FieldOwner.ControlPlane);
        }
        else if (!observed.ExportUrls.Contains(exporter.Url))
        {
            yield return new Change(ChangeOp.Report, ObjectKind.Gateway, desired.Gateway, $"it exports spans to others: add {exporter.Url} where those are kept, as with `pulumi up`", DesiredExporter.Field, live, exporter.Value, FieldOwner.Pulumi);
        }
    }

    private static IEnumerable<Change> ProviderConfig(DeclaredKey key, ObservedState observed, Inventory inventory, Link link)
    {
        var secret = Find(key, observed);
        var live = observed.ProviderConfigs.FirstOrDefault(config => config.Key == key.ConfigKey);
        if (live is null)
        {
            // Without a usable secret there is nothing to refer to; the secret's own report says why.
            if (secret is { IsActive: true, ForGateways: true } && secret.StoreId == link.StoreId)
            {
                yield return new Change(ChangeOp.Create, ObjectKind.ProviderConfig, key.ConfigKey, "the stored key is declared", "secret_id", null, FieldValue.Text(secret.Id), FieldOwner.ControlPlane);
            }

            yield break;
        }

        // A new value goes into the secret that the configuration refers to, so a rotation leaves no gap. Another secret's id means that ours was deleted and made anew: requests fail
        // already, and what ends that is a configuration made anew, which the API has no update for and takes no second of. The old one goes only when nothing can refuse the new one.
        if (secret is { IsActive: true, ForGateways: true } && secret.StoreId == link.StoreId && live.SecretId != secret.Id)
        {
            var ours = inventory.Owns(ObjectKind.ProviderConfig, live.Key, live.Id);
            yield return new Change(
                ours ? ChangeOp.Update : ChangeOp.Report,
                ObjectKind.ProviderConfig,
                key.ConfigKey,
                ours ? "it refers to another secret; it is deleted and made again, there is no update" : "made elsewhere and refers to another secret: remove it there, or declare another alias",
                "secret_id",
                live.SecretId is null ? null : FieldValue.Text(live.SecretId),
                FieldValue.Text(secret.Id),
                ours ? FieldOwner.ControlPlane : null);
        }

        if (live.IsDefault != key.IsDefault)
        {
            yield return new Change(ChangeOp.Report, ObjectKind.ProviderConfig, key.ConfigKey, "made elsewhere with another default; it cannot be updated", "default_config",
                Bool(live.IsDefault), Bool(key.IsDefault));
        }
    }

    private static IEnumerable<Change> Surplus(DesiredState desired, ObservedState observed, Inventory inventory, List<DeclaredKey> keys)
    {
        var surplus = observed.ProviderConfigs
            .Where(config => inventory.Owns(ObjectKind.ProviderConfig, config.Key, config.Id) && keys.TrueForAll(key => key.ConfigKey != config.Key))
            .OrderByDescending(config => config.Key, StringComparer.Ordinal)
            .ToList();
        foreach (var config in surplus)
        {
            yield return new Change(ChangeOp.Delete, ObjectKind.ProviderConfig, config.Key, "made by GatewayOps and no longer declared", Owner: FieldOwner.ControlPlane);
        }

        var secrets = observed.Secrets
            .Where(secret => inventory.Owns(ObjectKind.Secret, secret.Name, secret.Id) && keys.TrueForAll(key => key.SecretName != secret.Name))
            .OrderByDescending(secret => secret.Name, StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            var user = observed.ProviderConfigs.Except(surplus).FirstOrDefault(config => config.SecretId == secret.Id);
            yield return user is null
                ? new Change(ChangeOp.Delete, ObjectKind.Secret, secret.Name, "made by GatewayOps and no longer declared", Owner: FieldOwner.ControlPlane)
                : new Change(ChangeOp.Report, ObjectKind.Secret, secret.Name, $"no longer declared, but provider_config {user.Key} of {desired.Gateway}, made elsewhere, still refers to it");
        }
    }

    private static ObservedSecret? Find(DeclaredKey key, ObservedState observed) => observed.Secrets.FirstOrDefault(secret => secret.Name == key.SecretName);

    private static FieldValue Bool(bool value) => new(value ? "true" : "false");
}
