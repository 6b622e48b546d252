using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Does what the plan says, in its order, and decides nothing. Stops at the first failure: what comes later needs what came before.</summary>
public sealed class PlanApplier(CloudflareClient cloudflare, Journal journal)
{
    /// <summary>Tells <paramref name="done"/> each change as it is done. Throws <see cref="PlanStaleException"/> when Cloudflare is not as the plan saw it, else a <see cref="CloudflareException"/>.</summary>
    public async Task ApplyAsync(GatewayLock held, Guid runId, Plan plan, ObservedState observed, Action<Change> done, CancellationToken cancellationToken)
    {
        string? newStoreId = null;
        var fields = plan.Actions.Where(change => change.Kind == ObjectKind.Gateway).ToList();
        foreach (var change in plan.Actions)
        {
            switch (change.Kind, change.Op)
            {
                case (ObjectKind.SecretStore, ChangeOp.Create):
                    newStoreId = await CreateStoreAsync(held, runId, change, cancellationToken);
                    break;
                case (ObjectKind.Gateway, ChangeOp.Update):
                    // One PUT for all fields, at the place of the first one.
                    if (change == fields[0])
                    {
                        await UpdateGatewayAsync(held, runId, fields, newStoreId, cancellationToken);
                    }

                    break;
                case (ObjectKind.ProviderConfig, ChangeOp.Create):
                    await CreateConfigAsync(held, runId, change, cancellationToken);
                    break;
                case (ObjectKind.ProviderConfig, ChangeOp.Update):
                    await DeleteConfigAsync(held, runId, change, observed, cancellationToken);
                    await CreateConfigAsync(held, runId, change, cancellationToken);
                    break;
                case (ObjectKind.ProviderConfig, ChangeOp.Delete):
                    await DeleteConfigAsync(held, runId, change, observed, cancellationToken);
                    break;
                case (ObjectKind.Secret, ChangeOp.Delete):
                    await DeleteSecretAsync(held, runId, change, observed, cancellationToken);
                    break;
                default:
                    throw new InvalidOperationException($"No plan holds {change.Op} of {change.Kind}.");
            }

            done(change);
        }
    }

    private async Task<string> CreateStoreAsync(GatewayLock held, Guid runId, Change change, CancellationToken cancellationToken)
    {
        var store = await journal.CallAsync(held, new Step(runId, change.Kind, change.Key, change.Op, change.Key),
            token => cloudflare.Secrets.CreateStoreAsync(change.Key, token), store => store.Id, cancellationToken);
        return store?.Id ?? (await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstAsync(cancellationToken)).Id;
    }

    // Read, change only our fields, write: the PUT overwrites the whole gateway (Cloudflare contract, section 2.1).
    private async Task UpdateGatewayAsync(GatewayLock held, Guid runId, IReadOnlyList<Change> changes, string? newStoreId, CancellationToken cancellationToken)
    {
        var live = await cloudflare.Gateways.FindAsync(held.Gateway, cancellationToken) ?? throw new PlanStaleException($"gateway {held.Gateway} is gone");
        var body = live.Fields.DeepClone().AsObject();
        foreach (var change in changes)
        {
            if (Normalizer.Field(change.Field!, body[change.Field!]) != change.From)
            {
                throw new PlanStaleException($"{change.Field} of gateway {held.Gateway} is no longer {change.From}");
            }

            body[change.Field!] = change.To == FieldValue.NewStoreId ? newStoreId : change.To!.Value.ToNode();
        }

        var payload = string.Join('\n', changes.Select(change => $"{change.Field}={change.To}"));
        await journal.CallAsync(held, new Step(runId, ObjectKind.Gateway, held.Gateway, ChangeOp.Update, payload),
            token => cloudflare.Gateways.UpdateAsync(held.Gateway, body, token), _ => null, cancellationToken);
    }

    private Task CreateConfigAsync(GatewayLock held, Guid runId, Change change, CancellationToken cancellationToken)
    {
        var (provider, alias) = KeyOf(change);
        var config = new NewProviderConfig(provider, alias, alias == DeclaredKey.DefaultAlias, change.To!.Value.ToNode()!.GetValue<string>());
        return journal.CallAsync(held, new Step(runId, change.Kind, change.Key, ChangeOp.Create, config.ToString()),
            token => cloudflare.ProviderConfigs.CreateAsync(held.Gateway, config, token), made => made.Id, cancellationToken);
    }

    private Task DeleteConfigAsync(GatewayLock held, Guid runId, Change change, ObservedState observed, CancellationToken cancellationToken)
    {
        var config = observed.ProviderConfigs.Single(config => config.Key == change.Key);
        return journal.CallAsync(held, new Step(runId, change.Kind, change.Key, ChangeOp.Delete, config.Id),
            token => cloudflare.ProviderConfigs.DeleteAsync(held.Gateway, config.Id, token), _ => null, cancellationToken);
    }

    private Task DeleteSecretAsync(GatewayLock held, Guid runId, Change change, ObservedState observed, CancellationToken cancellationToken)
    {
        var secret = observed.Secrets.Single(secret => secret.Name == change.Key);
        return journal.CallAsync(held, new Step(runId, change.Kind, change.Key, ChangeOp.Delete, secret.Id),
            token => cloudflare.Secrets.DeleteAsync(secret.StoreId, secret.Id, token), _ => null, cancellationToken);
    }

    private static (string Provider, string Alias) KeyOf(Change change)
    {
        var slash = change.Key.LastIndexOf('/');
        return (change.Key[..slash], change.Key[(slash + 1)..]);
    }
}

/// <summary>Somebody changed Cloudflare between observation and write: observe and plan again.</summary>
public sealed class PlanStaleException(string message) : Exception(message);
